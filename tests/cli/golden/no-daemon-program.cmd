1 cflash daemon start
