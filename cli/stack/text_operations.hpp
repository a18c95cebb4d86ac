// SPDX-License-Identifier: Apache-2.0
// What a ${NAME<operator>...} can do to a value. It refuses to know the syntax.
#pragma once

#include "cli/stack/glob.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cubeflash::cli {

enum class Case { upper, upper_first, lower, lower_first };

// Letters of all scripts; bytes that are no UTF-8 stay.
std::string change_case(std::string_view value, Case how);

// Bytes from `position` on, at most `length`. A negative position counts from the end; what is no
// number changes nothing.
std::string
cut(const std::string& value, std::string_view position, const std::optional<std::string>& length);

std::string
trim_pattern(const std::string& value, std::string_view pattern, bool front, Glob::Reach reach);

enum class Replace { first, all, prefix, suffix };

// `search` is plain text and not empty. nullopt when the result would have more than `max_bytes`.
std::optional<std::string> replace_text(const std::string& value,
                                        std::string_view search,
                                        std::string_view with,
                                        Replace where,
                                        std::size_t max_bytes);

// Bounds the time that a hostile file can cost.
class WorkLimit {
 public:
  // Throws Error(too_large) when the sum of all steps is too high.
  void spend(std::uint64_t steps);

 private:
  std::uint64_t spent_ = 0;
};

} // namespace cubeflash::cli
