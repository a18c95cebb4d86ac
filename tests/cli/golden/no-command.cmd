2 cflash
