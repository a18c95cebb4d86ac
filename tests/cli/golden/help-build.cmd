0 cflash build --help
