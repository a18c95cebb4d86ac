1 cflash deploy --image a --name b --gateway http://127.0.0.1:1
