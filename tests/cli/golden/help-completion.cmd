0 cflash completion --help
