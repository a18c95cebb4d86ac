0 cflash version --help
