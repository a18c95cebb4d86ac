1 cflash build --filter 'x*'
# files: two
