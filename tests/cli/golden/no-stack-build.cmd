1 cflash build
