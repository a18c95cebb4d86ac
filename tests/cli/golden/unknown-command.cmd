2 cflash frobnicate
