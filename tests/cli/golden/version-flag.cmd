0 cflash --version
