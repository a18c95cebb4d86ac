0 cflash version -g http://127.0.0.1:1
