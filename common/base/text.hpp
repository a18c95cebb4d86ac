// SPDX-License-Identifier: Apache-2.0
// Small operations on text that more than one program needs.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash {

// "a::b" at ':' is {"a", "", "b"}; "" is {""}.
std::vector<std::string> split(std::string_view text, char separator);

// Without blanks, tabs and line breaks at either end.
std::string_view trim(std::string_view text);

std::string to_lower(std::string_view text);

// ASCII comparison without regard to case, as HTTP field names need.
bool iequals(std::string_view a, std::string_view b);

// The whole text as a decimal number; nullopt when there is anything else, or it does not fit.
template <typename Integer>
std::optional<Integer> parse_integer(std::string_view text) {
  Integer value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The candidate that a mistyped word most likely meant (edit distance at most a third of its
// length, at least 1); nullopt when none is near.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// `; did you mean "x"?` for the nearest candidate, or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// RFC 1123 label: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$, at most 63 characters.
bool is_dns_label(std::string_view text);

// Lower-case hexadecimal of `bytes` random bytes from getrandom(2).
std::string random_hex(std::size_t bytes);

// Equal in time that depends on the lengths only; for tokens and passwords.
bool constant_time_equal(std::string_view a, std::string_view b);

} // namespace cubeflash
