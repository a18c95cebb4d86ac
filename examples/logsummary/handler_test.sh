#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")"

check() { # NAME EXPECTED ACTUAL
  if [ "$2" != "$3" ]; then
    printf 'not ok %s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3" >&2
    exit 1
  fi
  printf 'ok %s\n' "$1"
}

# figure NAME: what stands behind NAME in the summary on stdin.
figure() {
  awk -v name="$1" '$1 == name { print $2 }'
}

log='192.0.2.1 - - [29/Feb/2024:10:00:00 +0000] "GET /a?x=1 HTTP/1.1" 200 100
192.0.2.1 - - [29/Feb/2024:10:00:01 +0000] "GET /a HTTP/1.1" 304 -
192.0.2.2 - bob [29/Feb/2024:10:00:02 +0000] "POST /b HTTP/1.1" 500 20
192.0.2.3 - - [29/Feb/2024:10:00:03 +0000] "GET /c HTTP/1.1" 404 7'
check "summarizes a log" "requests   4
skipped    0
clients    3
bytes      127
errors     2 (50.00%)
status
  2xx      1
  3xx      1
  4xx      1
  5xx      1
top paths
  2        /a
  1        /b
  1        /c" "$(bash handler.sh <<<"$log")"

check "an empty log has no requests and no errors" "0 (0.00%)" \
  "$(bash handler.sh </dev/null | awk '$1 == "errors" { print $2, $3 }')"

mixed=$'hello\n192.0.2.1 - - [x] "GET /" 200 1 2 3\n192.0.2.1 - - [x] "GET /" abc 1\n\n192.0.2.1 - [x] 200 1\n'
check "lines of another form are counted as skipped" "1 3" \
  "$(bash handler.sh <<<"$mixed" | awk '$1 == "requests" { n = $2 } $1 == "skipped" { print n, $2 }')"

check "reads the Combined Log Format with carriage returns" "12" \
  "$(printf '192.0.2.1 - - [x] "GET / HTTP/1.1" 200 12 "http://a/ 404" "Agent \\"1\\""\r\n' | bash handler.sh | figure bytes)"

check "a request with quotes in it is one request" '1 /a\"b' \
  "$(printf '192.0.2.1 - - [x] "GET /a\\"b HTTP/1.0" 200 1\n' | bash handler.sh | tail -n 1 | awk '{ print $1, $2 }')"

check "bytes that are not text are skipped" "0" \
  "$(head -c 100000 /dev/urandom | bash handler.sh | figure requests)"

check "every line of the shipped log counts once" "$(wc -l < access.log)" \
  "$(bash handler.sh < access.log | awk '$1 == "requests" || $1 == "skipped" { n += $2 } END { print n }')"
