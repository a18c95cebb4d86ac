0 cflash template pull --help
