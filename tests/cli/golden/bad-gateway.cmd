1 cflash list --gateway ftp://example.com
