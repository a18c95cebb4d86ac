2 cflash daemon
