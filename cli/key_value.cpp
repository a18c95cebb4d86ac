// SPDX-License-Identifier: Apache-2.0
#include "cli/key_value.hpp"

#include "common/base/error.hpp"

namespace cubeflash::cli {

std::pair<std::string, std::string> parse_key_value(std::string_view text, std::string_view flag) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw Error(ErrorKind::usage,
                fmt::format("{} {}: a key and a value are needed", flag, text),
                fmt::format("write {} key=value", flag));
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

StringMap parse_key_values(const std::vector<std::string>& texts, std::string_view flag) {
  StringMap map;
  for (const auto& text : texts) {
    auto [key, value] = parse_key_value(text, flag);
    map[std::move(key)] = std::move(value);
  }
  return map;
}

} // namespace cubeflash::cli
