2 cflash deploy --gatway http://127.0.0.1:1
