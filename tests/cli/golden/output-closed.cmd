141 cflash --help | true; exit ${PIPESTATUS[0]}
