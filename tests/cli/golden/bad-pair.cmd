2 cflash invoke hello --query novalue
