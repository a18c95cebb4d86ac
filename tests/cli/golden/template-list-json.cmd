0 cflash template list --json | head -8
