2 cflash depoly
