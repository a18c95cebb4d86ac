2 cflash logs hello --since 5m --since-time 2026-01-02T03:04:05Z
