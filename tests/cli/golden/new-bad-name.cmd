1 cflash new Hello_World --lang bash; code=$?; ls -A; exit $code
