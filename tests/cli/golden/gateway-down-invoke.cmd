1 echo hi | cflash invoke hello --gateway http://127.0.0.1:1
