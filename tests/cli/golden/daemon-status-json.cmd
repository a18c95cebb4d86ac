1 cflash daemon status --json
