0 cflash describe --help
