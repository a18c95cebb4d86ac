#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Summarizes a web server's access log, which comes on stdin in the Common or the Combined Log Format. Lines of another
# form are counted and skipped.
set -euo pipefail

# The C locale: logs hold bytes, not always valid UTF-8.
LC_ALL=C awk '
# A line of the format: client ident user [time] "request" status bytes ...
# The request itself may hold escaped quotes, so the status is looked for behind the last quote that a status follows.
function parse(line,    tail) {
  if (line !~ /^[^ ]+ [^ ]+ [^ ]+ \[[^]]+\] "([^"\\]|\\.)*" [1-5][0-9][0-9] ([0-9]+|-)( |$)/) return 0
  client = substr(line, 1, index(line, " ") - 1)
  request = line
  sub(/^[^"]*"/, "", request)
  tail = request
  sub(/^([^"\\]|\\.)*" /, "", tail)
  request = substr(request, 1, length(request) - length(tail) - 2)
  split(tail, rest, " ")
  status = rest[1]
  bytes = rest[2]
  return 1
}

# "GET /search?q=lamp HTTP/1.1" is a request for /search.
function path_of(request,    words) {
  if (split(request, words, " ") < 2) return "(no path)"
  sub(/\?.*/, "", words[2])
  return words[2] == "" ? "(no path)" : words[2]
}

{ sub(/\r$/, "") }
/^$/ { next }
!parse($0) { skipped++; next }
{
  requests++
  if (!(client in clients)) { clients[client] = 1; distinct++ }
  class[substr(status, 1, 1)]++
  hits[path_of(request)]++
  if (bytes != "-") total += bytes
}

END {
  printf "requests   %d\n", requests
  printf "skipped    %d\n", skipped
  printf "clients    %d\n", distinct
  printf "bytes      %.0f\n", total
  errors = class[4] + class[5]
  printf "errors     %d (%.2f%%)\n", errors, requests ? errors * 100 / requests : 0
  print "status"
  for (c = 1; c <= 5; c++) if (class[c]) printf "  %dxx      %d\n", c, class[c]
  print "top paths"
  for (place = 1; place <= 5; place++) {
    best = ""
    for (path in hits)
      if (best == "" || hits[path] > hits[best] || (hits[path] == hits[best] && path < best)) best = path
    if (best == "") break
    printf "  %-7d  %s\n", hits[best], best
    delete hits[best]
  }
}'
