0 cflash build --shrinkwrap --parallel 1 && find build/hello -type f | sort
# before: cflash new hello --lang bash -q
