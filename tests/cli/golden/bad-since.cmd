2 cflash logs hello --since yesterday
