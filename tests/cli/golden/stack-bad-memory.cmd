1 cflash deploy
# files: bad-memory
