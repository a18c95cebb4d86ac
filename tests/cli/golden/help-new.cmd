0 cflash new --help
