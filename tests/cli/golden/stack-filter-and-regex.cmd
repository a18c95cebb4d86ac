2 cflash build --filter 'a*' --regex a
# files: two
