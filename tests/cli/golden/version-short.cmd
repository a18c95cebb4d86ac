0 cflash version --short-version
