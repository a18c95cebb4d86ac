// SPDX-License-Identifier: Apache-2.0
#include "tests/watchdog/parsed_request.hpp"
#include "watchdog/marshal.hpp"

#include <doctest/doctest.h>

using namespace cubeflash::watchdog;

TEST_CASE("marshal: the header's values are lists, Host is not among them") {
  const cubeflash::test::ParsedRequest parsed(
      "POST / HTTP/1.1\r\nHost: h\r\nb: \"2\"\r\nA: 1\r\nb: 3\r\nContent-Length: 1\r\n\r\n");
  CHECK(MarshalledRequest::begin(parsed.request) ==
        R"({"header":{"A":["1"],"B":["\"2\"","3"],"Content-Length":["1"]},"body":{"raw":")");
}

TEST_CASE("marshal: the body is the same base64 in whatever pieces it comes") {
  const std::string_view body = "any carnal pleas";
  for (std::size_t step = 1; step <= body.size(); ++step) {
    CAPTURE(step);
    MarshalledRequest marshalled;
    std::string text;
    for (std::size_t at = 0; at < body.size(); at += step)
      text += marshalled.encode(body.substr(at, step));
    CHECK(text + marshalled.end() == "YW55IGNhcm5hbCBwbGVhcw==\"}}");
  }
  MarshalledRequest empty;
  CHECK(empty.end() == "\"}}");
}

TEST_CASE("marshal: strings are JSON, bytes that are no UTF-8 are replaced") {
  CHECK(json_string("a\"b\\c\td<e>&") == R"("a\"b\\c\u0009d\u003ce\u003e\u0026")");
  CHECK(json_string("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") ==
        "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  for (const auto* bytes : {"\xC3", "\xFF", "\xC0", "\x80"})
    CHECK(json_string(bytes) == R"("\ufffd")");
  CHECK(json_string("\xED\xA0\x80") == R"("\ufffd\ufffd\ufffd")");
}
