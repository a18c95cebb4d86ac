// SPDX-License-Identifier: Apache-2.0
#include "common/base/time.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace std::chrono_literals;

TEST_CASE("duration: reads what Go writes") {
  const std::pair<const char*, milliseconds> rows[] = {{"0", 0ms},
                                                       {"0s", 0ms},
                                                       {"30", 30s},
                                                       {"30s", 30s},
                                                       {"250ms", 250ms},
                                                       {"1m30s", 90s},
                                                       {"1.5h", 90min},
                                                       {"1h0m0s", 1h},
                                                       {"2m0.5s", 120'500ms},
                                                       {".5s", 500ms},
                                                       {"1m1ms", 60'001ms},
                                                       {"1000us", 1ms},
                                                       {"1000\xC2\xB5s", 1ms},
                                                       {"1000000ns", 1ms},
                                                       {"10m2s", 602s}};
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    CHECK(parse_duration(text) == expected);
  }
}

TEST_CASE("duration: refuses everything else") {
  for (const std::string text : {"",
                                 " ",
                                 "s",
                                 "-1s",
                                 "-0s",
                                 "-5",
                                 "+1s",
                                 "1 s",
                                 " 1s",
                                 "1s ",
                                 "1d",
                                 "1S",
                                 "1m30",
                                 "1.5",
                                 "1e3s",
                                 "1..5s",
                                 "infs",
                                 "nans",
                                 "1s-1s",
                                 "200000000h",
                                 "99999999999999999999",
                                 "9223372036854775807"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("duration: is written in the shortest form, which reads back as the same") {
  const std::pair<milliseconds, const char*> rows[] = {{0ms, "0s"},
                                                       {1ms, "1ms"},
                                                       {250ms, "250ms"},
                                                       {1s, "1s"},
                                                       {1500ms, "1.5s"},
                                                       {90s, "1m30s"},
                                                       {60s, "1m"},
                                                       {1h, "1h"},
                                                       {1h + 1ms, "1h0.001s"},
                                                       {59'999ms, "59.999s"},
                                                       {25h + 61s, "25h1m1s"}};
  for (const auto& [duration, text] : rows) {
    CAPTURE(text);
    CHECK(format_duration(duration) == text);
    CHECK(parse_duration(text) == duration);
  }
}

TEST_CASE("rfc3339: writes UTC with the digits asked for") {
  const auto instant =
      std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s + 678'901'234ns;
  CHECK(format_rfc3339(instant) == "2026-01-02T03:04:05Z");
  CHECK(format_rfc3339(instant, 3) == "2026-01-02T03:04:05.678Z");
  CHECK(format_rfc3339(instant, 9) == "2026-01-02T03:04:05.678901234Z");
  CHECK(format_rfc3339(std::chrono::system_clock::time_point{}) == "1970-01-01T00:00:00Z");
}

TEST_CASE("rfc3339: writes instants before 1970") {
  CHECK(format_rfc3339(std::chrono::system_clock::time_point(-1ms), 3) ==
        "1969-12-31T23:59:59.999Z");
}

TEST_CASE("rfc3339: reads every offset and fraction") {
  const std::pair<const char*, const char*> rows[] = {
      {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000000Z"},
      {"2026-01-02t03:04:05z", "2026-01-02T03:04:05.000000000Z"},
      {"2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500000000Z"},
      {"2026-01-02T03:04:05.123456789+02:30", "2026-01-02T00:34:05.123456789Z"},
      {"2026-01-02T03:04:05-01:00", "2026-01-02T04:04:05.000000000Z"},
      {"2024-02-29T23:59:59+00:00", "2024-02-29T23:59:59.000000000Z"},
      {"2026-01-02T03:04:05.1234567891234Z", "2026-01-02T03:04:05.123456789Z"}};
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    const auto instant = parse_rfc3339(text);
    REQUIRE(instant);
    CHECK(format_rfc3339(*instant, 9) == expected);
  }
}

TEST_CASE("rfc3339: refuses what is none") {
  for (const std::string text : {"",
                                 "2026",
                                 "2026-01-02",
                                 "2026-01-02T03:04:05",
                                 "2026-13-02T03:04:05Z",
                                 "2026-02-29T03:04:05Z",
                                 "2026-01-00T03:04:05Z",
                                 "2026-01-02T24:04:05Z",
                                 "2026-01-02T03:60:05Z",
                                 "2026-01-02T03:04:05.Z",
                                 "2026-01-02T03:04:05+0200",
                                 "2026-01-02T03:04:05+25:00",
                                 "2026-01-02T03:04:05Zx",
                                 "2026-1-2T3:4:5Z",
                                 "2026/01/02T03:04:05Z",
                                 "now"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}
