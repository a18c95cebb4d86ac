0 cflash deploy --help
