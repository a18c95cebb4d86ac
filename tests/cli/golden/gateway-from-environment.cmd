1 CFLASH_URL=HTTP://127.0.0.1:1/ cflash list
