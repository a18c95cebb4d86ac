0 cflash daemon stop
