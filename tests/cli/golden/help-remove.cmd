0 cflash remove --help
