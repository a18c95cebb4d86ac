0 cflash new --list
