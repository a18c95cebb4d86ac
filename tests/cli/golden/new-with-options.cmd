0 cflash new hello --lang bash -p me --handler ./code --memory-limit 64Mi --cpu-request 100m -g GATEWAY:9000/ -q && cat stack.yaml
