2 cflash version now
