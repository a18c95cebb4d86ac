2 cflash build --name hello
