1 cflash new hello --lang bash --memory-limit lots; code=$?; ls -A; exit $code
