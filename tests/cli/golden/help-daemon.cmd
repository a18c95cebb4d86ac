0 cflash daemon --help
