1 cflash invoke hello --async
