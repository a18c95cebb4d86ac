2 cflash template pul x
