#!/bin/bash
set -euo pipefail
cd "$(dirname "$0")"

check() { # NAME EXPECTED ACTUAL
  if [ "$2" != "$3" ]; then
    printf 'not ok %s: expected "%s", got "%s"\n' "$1" "$2" "$3" >&2
    exit 1
  fi
  printf 'ok %s\n' "$1"
}

check "answers with the request body" "You said: hello" "$(printf hello | bash handler.sh)"
check "accepts an empty body" "You said: " "$(bash handler.sh </dev/null)"
