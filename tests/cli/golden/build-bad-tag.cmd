2 cflash build --tag newest
# files: two
