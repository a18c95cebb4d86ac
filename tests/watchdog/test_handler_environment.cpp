// SPDX-License-Identifier: Apache-2.0
#include "tests/watchdog/parsed_request.hpp"
#include "watchdog/handler_environment.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cubeflash::watchdog;
using cubeflash::test::ParsedRequest;

namespace {

std::vector<std::string> environment_of(std::string_view text,
                                        std::vector<std::string> inherited = {}) {
  const ParsedRequest parsed(text);
  REQUIRE(parsed.progress == Request::Progress::done);
  auto environment = handler_environment(inherited, parsed.request);
  std::sort(environment.begin(), environment.end());
  return environment;
}

using Environment = std::vector<std::string>;

} // namespace

TEST_CASE("environment: a plain GET") {
  CHECK(environment_of("GET /a%20b?x=1 HTTP/1.1\r\nHost: h:1\r\naccept: */*\r\n\r\n", {"A=1"}) ==
        Environment{"A=1",
                    "Http_Accept=*/*",
                    "Http_ContentLength=0",
                    "Http_Content_Length=0",
                    "Http_Host=h:1",
                    "Http_Method=GET",
                    "Http_Path=/a b",
                    "Http_Query=x=1"});
}

TEST_CASE("environment: no query, no variable; only the first value of a header") {
  CHECK(
      environment_of(
          "PUT /p HTTP/1.1\r\nHost: h\r\nX-a-B: one\r\nx-A-b: two\r\nContent-Length: 3\r\n\r\n") ==
      Environment{"Http_ContentLength=3",
                  "Http_Content_Length=3",
                  "Http_Host=h",
                  "Http_Method=PUT",
                  "Http_Path=/p",
                  "Http_X_A_B=one"});
}

TEST_CASE("environment: a chunked body has no length") {
  CHECK(environment_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        Environment{"Http_ContentLength=-1",
                    "Http_Content_Length=-1",
                    "Http_Host=h",
                    "Http_Method=POST",
                    "Http_Path=/",
                    "Http_Transfer_Encoding=chunked"});
}

TEST_CASE("environment: later duplicates win, over headers and over what is inherited") {
  const auto environment = environment_of(
      "GET / HTTP/1.1\r\nHost: h\r\nMethod: fake\r\nPath: /fake\r\nQuery: kept\r\n\r\n",
      {"Http_Method=inherited", "Http_Other=inherited", "Http_Query=inherited", "HTTP_PROXY=p"});
  CHECK(environment == Environment{"HTTP_PROXY=p",
                                   "Http_ContentLength=0",
                                   "Http_Content_Length=0",
                                   "Http_Host=h",
                                   "Http_Method=GET",
                                   "Http_Other=inherited",
                                   "Http_Path=/",
                                   "Http_Query=kept"});
}
