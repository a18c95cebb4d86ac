0 cflash daemon logs --help
