1 cflash deploy --image a --name b --secret s
