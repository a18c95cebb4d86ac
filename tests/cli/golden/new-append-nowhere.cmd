1 cflash new first --lang bash --append stack.yaml
