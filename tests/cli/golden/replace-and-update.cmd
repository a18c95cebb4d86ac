2 cflash deploy --replace --update --image a --name b
