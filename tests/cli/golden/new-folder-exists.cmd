1 cflash new first --lang bash; code=$?; ls -A; exit $code
# before: mkdir first
