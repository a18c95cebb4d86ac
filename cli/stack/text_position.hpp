// SPDX-License-Identifier: Apache-2.0
// Where something stands in a file, as people count.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace cubeflash::cli {

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;

  // "stack.yml:7:3"
  std::string describe(std::string_view path) const {
    return fmt::format("{}:{}:{}", path, line, column);
  }
};

inline Position position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const auto line_break = before.rfind('\n');
  return {lines + 1, line_break == std::string_view::npos ? offset + 1 : offset - line_break};
}

} // namespace cubeflash::cli
