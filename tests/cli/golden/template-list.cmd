0 cflash template list
