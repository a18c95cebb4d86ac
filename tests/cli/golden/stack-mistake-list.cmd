1 cflash list
# files: mistake
