0 cflash new hello --lang bash -f mine.yml
