0 cflash --help
