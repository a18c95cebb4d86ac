0 cflash daemon start --help
