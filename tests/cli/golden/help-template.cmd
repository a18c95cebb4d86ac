0 cflash template --help
