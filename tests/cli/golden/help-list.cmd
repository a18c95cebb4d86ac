0 cflash list --help
