1 cflash up --publish
