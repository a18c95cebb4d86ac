0 cflash daemon logs --tail 2
# before: mkdir -p $CFLASH_HOME && printf 'one\ntwo\nthree\n' > $CFLASH_HOME/daemon.log
