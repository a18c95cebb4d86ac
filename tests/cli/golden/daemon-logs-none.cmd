1 cflash daemon logs
