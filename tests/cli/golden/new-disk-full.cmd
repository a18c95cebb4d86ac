1 cflash new hello --lang bash; code=$?; ls -A; exit $code
# before: mkdir .gitignore
