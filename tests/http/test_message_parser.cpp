// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/message_parser.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cubeflash::daemon;

namespace {

bool parses(const std::string& head) {
  std::vector<Field> fields;
  RequestParser parser(fields);
  return parser.parse_head(head);
}

// Feeds a body in steps of `step` bytes, as a stream with a buffer does; "!" at the end when it is
// malformed.
std::string decode(const std::string& head, const std::string& framed, std::size_t step) {
  std::vector<Field> fields;
  RequestParser parser(fields);
  REQUIRE(parser.parse_head(head));
  std::string body;
  std::string pending;
  for (std::size_t at = 0; at < framed.size() && !parser.complete(); at += step) {
    pending += framed.substr(at, step);
    const auto decoded = parser.decode(pending.data(), pending.size());
    if (!decoded.ok) return body + "!";
    body += pending.substr(0, decoded.produced);
    pending.erase(0, decoded.consumed);
  }
  return parser.complete() ? body : body + "...";
}

const std::string kChunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

} // namespace

TEST_CASE("parser: a head is views into the input") {
  const std::string head =
      "POST /a?b HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nx-two:  2 \r\nContent-Length: 3\r\n\r\n";
  std::vector<Field> fields;
  RequestParser parser(fields);
  REQUIRE(parser.parse_head(head));
  CHECK(parser.method == "POST");
  CHECK(parser.target == "/a?b");
  CHECK(parser.version == 11);
  CHECK(parser.keep_alive());
  CHECK(parser.content_length().value() == 3);
  REQUIRE(fields.size() == 4);
  CHECK(fields[2].name == "x-two");
  CHECK(fields[2].value == "2");
  CHECK(fields[2].value.data() > head.data());
  CHECK(fields[2].value.data() < head.data() + head.size());
}

TEST_CASE("parser: refuses the heads that two parsers could take differently") {
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";

  struct Row {
    const char* name;
    std::string head;
  };

  for (const Row& row : {
           Row{"length and coding",
               start + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
           Row{"coding and length",
               start + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"},
           Row{"two lengths", start + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"},
           Row{"a list of lengths", start + "Content-Length: 3, 4\r\n\r\n"},
           Row{"a signed length", start + "Content-Length: +3\r\n\r\n"},
           Row{"a negative length", start + "Content-Length: -3\r\n\r\n"},
           Row{"a hexadecimal length", start + "Content-Length: 0x3\r\n\r\n"},
           Row{"an empty length", start + "Content-Length:\r\n\r\n"},
           Row{"a length beyond 64 bits", start + "Content-Length: 99999999999999999999\r\n\r\n"},
           Row{"blank before the colon", start + "A : b\r\n\r\n"},
           Row{"no colon", start + "Abc\r\n\r\n"},
           Row{"a bare CR in a value", start + "A: b\rC: d\r\n\r\n"},
           Row{"a NUL in a value", start + std::string("A: b\0c\r\n\r\n", 10)},
           Row{"no version", "GET /\r\n\r\n"},
           Row{"HTTP/2.0", "GET / HTTP/2.0\r\n\r\n"},
           Row{"a blank in the target", "GET /a b HTTP/1.1\r\n\r\n"},
       }) {
    CAPTURE(row.name);
    CHECK_FALSE(parses(row.head));
  }
}

TEST_CASE("parser: a body decodes alike in steps of every size") {
  const std::string framed = "5\r\nhello\r\n1;x=y\r\n,\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  for (std::size_t step = 1; step <= framed.size(); ++step) {
    CAPTURE(step);
    CHECK(decode(kChunked, framed, step) == "hello, world");
    CHECK(decode("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n",
                 "hello, world",
                 step) == "hello, world");
  }
}

TEST_CASE("parser: refuses malformed chunks") {
  for (const char* framed : {"x\r\nhello\r\n",
                             "5 \nhello\r\n0\r\n\r\n",
                             "-5\r\nhello\r\n0\r\n\r\n",
                             "5\r\nhelloX\r\n0\r\n\r\n",
                             "5\nhello\n0\n\n       \r\n\r\n",
                             "11111111111111111\r\nhello",
                             "\r\nhello"}) {
    CAPTURE(framed);
    const auto body = decode(kChunked, framed, 1000);
    CHECK(body.back() == '!');
  }
}

TEST_CASE("parser: an answer to HEAD has no body whatever its length says") {
  std::vector<Field> fields;
  ResponseParser parser(fields);
  parser.expect_no_body();
  REQUIRE(parser.parse_head("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"));
  CHECK(parser.complete());
  CHECK(parser.content_length().value() == 7);
}

TEST_CASE("parser: an answer without a length ends with the connection, one with a length must be "
          "whole") {
  std::vector<Field> fields;
  ResponseParser open_end(fields);
  REQUIRE(open_end.parse_head("HTTP/1.0 200 OK\r\n\r\n"));
  std::string body = "abc";
  CHECK(open_end.decode(body.data(), body.size()).produced == 3);
  CHECK_FALSE(open_end.complete());
  CHECK(open_end.finish());

  ResponseParser cut(fields);
  REQUIRE(cut.parse_head("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"));
  cut.decode(body.data(), body.size());
  CHECK_FALSE(cut.finish());
}
