0 cflash build --shrinkwrap --quiet
# before: cflash new hello --lang bash -q
