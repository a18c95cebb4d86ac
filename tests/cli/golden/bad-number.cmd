2 cflash scale hello many
