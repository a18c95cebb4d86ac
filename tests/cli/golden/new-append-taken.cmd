1 cflash new first --lang bash --handler ./other --append stack.yaml; code=$?; ls; exit $code
# before: cflash new first --lang bash -q
