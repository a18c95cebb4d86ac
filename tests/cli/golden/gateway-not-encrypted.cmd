1 cflash list --gateway http://0.0.0.0:1
