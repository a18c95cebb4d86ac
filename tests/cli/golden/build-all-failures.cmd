1 cflash build --parallel 1
# files: unknown-languages
