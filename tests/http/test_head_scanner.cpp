// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/head_scanner.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cubeflash::daemon;
using Result = HeadScanner::Result;

TEST_CASE("head scanner: finds the end whatever the pieces in which a head arrives") {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string input = head + "body \n more";
  for (std::size_t first = 0; first <= input.size(); ++first) {
    CAPTURE(first);
    HeadScanner scanner;
    const auto early = scanner.scan(std::string_view(input).substr(0, first));
    CHECK(early == (first >= head.size() ? Result::complete : Result::incomplete));
    if (early == Result::incomplete) CHECK(scanner.scan(input) == Result::complete);
    CHECK(scanner.length() == head.size());
  }
}

TEST_CASE("head scanner: refuses bare line feeds and folded lines") {
  for (const char* input : {"GET / HTTP/1.1\nHost: x\n\n",
                            "GET / HTTP/1.1\r\nHost: x\n",
                            "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
                            "GET / HTTP/1.1\r\nA: b\r\n\tc",
                            "\n",
                            " GET / HTTP/1.1\r\n\r\n"}) {
    CAPTURE(input);
    HeadScanner scanner;
    CHECK(scanner.scan(input) == Result::malformed);
  }
}
