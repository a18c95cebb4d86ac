1 cflash build
# files: mistake
