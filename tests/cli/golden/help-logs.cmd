0 cflash logs --help
