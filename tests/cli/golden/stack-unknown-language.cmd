1 cflash build
# files: unknown-language
