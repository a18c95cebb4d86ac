0 cflash daemon stop --help
