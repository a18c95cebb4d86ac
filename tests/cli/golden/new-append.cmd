0 cflash new second --lang bash --append stack.yaml && cat stack.yaml
# before: cflash new first --lang bash -q
