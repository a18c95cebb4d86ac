0 cflash template list --help
