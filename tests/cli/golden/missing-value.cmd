2 cflash deploy --gateway
