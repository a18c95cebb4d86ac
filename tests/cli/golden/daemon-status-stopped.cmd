1 cflash daemon status
