2 cflash completion --shell bahs
