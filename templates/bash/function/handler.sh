#!/bin/bash
# Answers a request: the body comes on stdin, the response goes to stdout.
set -euo pipefail

printf 'You said: '
cat
