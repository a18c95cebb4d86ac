0 cflash template pull ./source && cflash new hello --lang mine -q && ls hello
# files: template-source
