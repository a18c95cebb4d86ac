1 cflash template pull ./nowhere
