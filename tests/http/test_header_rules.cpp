// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/header_rules.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cubeflash::daemon;

namespace {

// The names of the fields that would be passed on, joined by blanks.
std::string passed(const std::string& fields_text) {
  const std::string head = "GET / HTTP/1.1\r\n" + fields_text + "\r\n";
  std::vector<Field> fields;
  RequestParser parser(fields);
  REQUIRE(parser.parse_head(head));
  const ConnectionOptions options(fields);
  std::string names;
  for (const Field& field : fields)
    if (!is_hop_by_hop(field.id) && !options.names(field)) names += std::string(field.name) + " ";
  return names;
}

unsigned refused_with(const std::string& head) {
  std::vector<Field> fields;
  RequestParser parser(fields);
  REQUIRE(parser.parse_head(head));
  const auto refusal = check_request(parser, fields);
  return refusal ? refusal->status : 0;
}

} // namespace

TEST_CASE("header rules: fields about one hop do not pass") {
  for (const char* name : {"Connection",
                           "Proxy-Connection",
                           "Keep-Alive",
                           "Proxy-Authenticate",
                           "Proxy-Authorization",
                           "TE",
                           "te",
                           "Trailer",
                           "Upgrade"}) {
    CAPTURE(name);
    CHECK(passed("A: 1\r\n" + std::string(name) + ": x\r\nB: 2\r\n") == "A B ");
  }
  CHECK(passed("Authorization: Bearer \r\nCookie: a\r\nCookie: b\r\n") ==
        "Authorization Cookie Cookie ");
}

TEST_CASE("header rules: what Connection names does not pass, save Host and the length") {
  CHECK(passed("Connection: close, X-One , x-two\r\nX-One: 1\r\nX-TWO: 2\r\nX-Three: 3\r\n") ==
        "X-Three ");
  CHECK(passed("Connection: Host, Content-Length\r\nHost: h\r\nContent-Length: 0\r\n") ==
        "Host Content-Length ");
}

TEST_CASE("header rules: ambiguous requests are refused") {
  struct Row {
    const char* head;
    unsigned status;
  };

  for (const Row& row :
       {Row{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0},
        Row{"GET / HTTP/1.1\r\n\r\n", 400},
        Row{"GET / HTTP/1.0\r\n\r\n", 0},
        Row{"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        Row{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Row{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        Row{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 501},
        Row{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n", 0},
        Row{"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Row{"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n\r\n", 0},
        Row{"POST / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n", 417}}) {
    CAPTURE(row.head);
    CHECK(refused_with(row.head) == row.status);
  }
}
