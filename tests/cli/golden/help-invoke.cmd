0 cflash invoke --help
