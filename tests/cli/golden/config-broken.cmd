1 cflash list -g http://127.0.0.1:1
# before: mkdir -p ~/.openfaas && echo 'auths: [' > ~/.openfaas/config.yml
