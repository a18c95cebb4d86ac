0 cflash ready --help
