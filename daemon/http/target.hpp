// SPDX-License-Identifier: Apache-2.0
// The request target taken apart: path, query, function. Pure; it refuses to know what is served.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cubeflash::daemon {

// Views into the raw target, not decoded.
struct Target {
  std::string_view path;  // starts with '/', or is "*"
  std::string_view query; // with its '?'; "" when there is none
};

// Origin form, absolute form (scheme and authority are dropped) and "*"; nullopt for anything else.
std::optional<Target> split_target(std::string_view raw);

struct FunctionTarget {
  std::string_view name; // may be empty
  std::string_view rest; // "/" at least
};

// Of "/function/NAME[/rest]"; nullopt for every other path.
std::optional<FunctionTarget> function_target(std::string_view path);

// nullopt for a '%' without two hexadecimal digits and for NUL, which would end a path early in C.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);

// "?a=1&b" is {a, 1}, {b, ""}; nullopt when a part does not decode.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

} // namespace cubeflash::daemon
