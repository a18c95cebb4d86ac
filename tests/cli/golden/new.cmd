0 cflash new hello --lang bash && cat stack.yaml .gitignore && stat -c '%a %n' hello && ls hello
