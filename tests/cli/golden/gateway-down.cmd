1 cflash list --gateway http://127.0.0.1:1
