// SPDX-License-Identifier: Apache-2.0
// Time as text: RFC 3339 instants and Go-style durations, the two forms OpenFaaS clients write.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cubeflash {

using std::chrono::milliseconds;

// "1m30s", "250ms", "1.5h", "-0s" is refused; a bare integer is seconds, as the watchdog's
// variables allow. nullopt for anything else, for negative values and for values beyond 100 years.
std::optional<milliseconds> parse_duration(std::string_view text);

// The shortest Go form: 90000 ms -> "1m30s", 250 ms -> "250ms", 0 -> "0s".
std::string format_duration(milliseconds duration);

// UTC, with `digits` (0, 3 or 9) digits of the second's fraction: 2026-01-02T03:04:05.678Z
std::string format_rfc3339(std::chrono::system_clock::time_point instant, int digits = 0);

// RFC 3339 with any offset and fraction; nullopt when it is not one.
std::optional<std::chrono::system_clock::time_point> parse_rfc3339(std::string_view text);

} // namespace cubeflash
