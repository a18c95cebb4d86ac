0 cflash scale --help
