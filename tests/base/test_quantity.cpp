// SPDX-License-Identifier: Apache-2.0
#include "common/base/quantity.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cubeflash;

TEST_CASE("quantity: memory in bytes") {
  const std::pair<const char*, std::int64_t> rows[] = {{"500", 500},
                                                       {"0", 0},
                                                       {"64k", 64'000},
                                                       {"1M", 1'000'000},
                                                       {"1G", 1'000'000'000},
                                                       {"128Mi", 134'217'728},
                                                       {"1Gi", 1'073'741'824},
                                                       {"1.5Gi", 1'610'612'736},
                                                       {"1e6", 1'000'000},
                                                       {"12E2", 1'200},
                                                       {"1E", 1'000'000'000'000'000'000},
                                                       {"1Ki", 1024},
                                                       {"40m", 1}, // a milli-byte rounds up
                                                       {"2T", 2'000'000'000'000}};
  for (const auto& [text, bytes] : rows) {
    CAPTURE(text);
    CHECK(parse_memory(text) == bytes);
  }
}

TEST_CASE("quantity: processors in thousandths") {
  const std::pair<const char*, std::int64_t> rows[] = {{"100m", 100},
                                                       {"0.5", 500},
                                                       {"2", 2000},
                                                       {"1.5", 1500},
                                                       {"0", 0},
                                                       {".25", 250},
                                                       {"1k", 1'000'000}};
  for (const auto& [text, thousandths] : rows) {
    CAPTURE(text);
    CHECK(parse_cpu(text) == thousandths);
  }
}

TEST_CASE("quantity: refuses what is none") {
  for (const std::string text :
       {"",    " ",  "x",   "-1",  "-0",       "128MB", "5MiB", "1 Gi", " 1Gi", "1Gi ",
        "1gi", "1K", "nan", "inf", "infinity", "0x10",  "1,5",  "--1",  "Mi",   "1e400"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_memory(text));
    CHECK_FALSE(parse_cpu(text));
  }
}

TEST_CASE("quantity: refuses what does not fit into 63 bits") {
  CHECK_FALSE(parse_memory("10E"));
  CHECK_FALSE(parse_memory("1e19"));
  CHECK_FALSE(parse_cpu("9E"));
}
