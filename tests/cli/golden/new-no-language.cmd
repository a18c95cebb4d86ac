2 cflash new hello
