2 cflash ready --interval soon
