1 cflash up --watch
