1 cflash new second --lang bash; code=$?; ls; exit $code
# before: cflash new first --lang bash -q
