2 cflash invoke
