0 cflash help scale
