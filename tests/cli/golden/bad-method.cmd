2 cflash invoke hello --method PSOT
