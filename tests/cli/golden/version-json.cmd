0 cflash version --json -g http://127.0.0.1:1 2>/dev/null
