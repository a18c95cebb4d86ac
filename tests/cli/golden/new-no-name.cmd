2 cflash new --lang bash
