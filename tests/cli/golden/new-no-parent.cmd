1 cflash new hello --lang bash --handler no/such/place
