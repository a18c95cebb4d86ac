1 cflash -f nowhere.yaml build
