0 cflash daemon status --help
