// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/call_heads.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace cubeflash;
using namespace cubeflash::daemon;
using namespace std::chrono_literals;

TEST_CASE("call ids: version 4 UUIDs, all different") {
  CallIds ids;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = ids.next();
    REQUIRE(id.size() == 36);
    CHECK(id[8] == '-');
    CHECK(id[13] == '-');
    CHECK(id[18] == '-');
    CHECK(id[23] == '-');
    CHECK(id[14] == '4');
    CHECK(std::string("89ab").find(id[19]) != std::string::npos);
    seen.insert(id);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("deadline: the instance learns what remains, unless the client wants less") {
  CallFacts facts;
  CHECK(deadline_lines(facts, 1500ms) == "X-Timeout: 1.5s\r\n\r\n");
  CHECK(deadline_lines(facts, -3ms) == "X-Timeout: 1ms\r\n\r\n");
  facts.client_timeout = 200ms;
  CHECK(deadline_lines(facts, 1500ms) == "X-Timeout: 200ms\r\n\r\n");
  facts.client_timeout = 90s;
  CHECK(deadline_lines(facts, 60s) == "X-Timeout: 1m\r\n\r\n");
}
