1 cflash --help > /dev/full
