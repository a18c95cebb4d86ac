1 cflash ready --attempts 2 --interval 10ms --gateway http://127.0.0.1:1
