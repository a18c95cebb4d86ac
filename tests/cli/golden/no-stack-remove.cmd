1 cflash remove
