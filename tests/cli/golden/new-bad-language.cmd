1 cflash new hello --lang pyhton3; code=$?; ls -A; exit $code
