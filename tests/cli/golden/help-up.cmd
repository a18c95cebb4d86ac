0 cflash up --help
