// SPDX-License-Identifier: Apache-2.0
#include "common/base/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace cubeflash {

namespace {

struct Suffix {
  std::string_view name;
  double factor;
};

constexpr std::array<Suffix, 14> kSuffixes{{{"", 1},
                                            {"m", 1e-3},
                                            {"k", 1e3},
                                            {"M", 1e6},
                                            {"G", 1e9},
                                            {"T", 1e12},
                                            {"P", 1e15},
                                            {"E", 1e18},
                                            {"Ki", 1024.0},
                                            {"Mi", 1048576.0},
                                            {"Gi", 1073741824.0},
                                            {"Ti", 1099511627776.0},
                                            {"Pi", 1125899906842624.0},
                                            {"Ei", 1152921504606846976.0}}};

std::optional<double> parse_quantity(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || !std::isfinite(number) || number < 0 || std::signbit(number))
    return std::nullopt;
  const auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& suffix : kSuffixes)
    if (rest == suffix.name) return number * suffix.factor;
  return std::nullopt;
}

std::optional<std::int64_t> rounded_up(std::optional<double> value) {
  if (!value || *value >= 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(std::ceil(*value));
}

} // namespace

std::optional<std::int64_t> parse_memory(std::string_view text) {
  return rounded_up(parse_quantity(text));
}

std::optional<std::int64_t> parse_cpu(std::string_view text) {
  const auto cores = parse_quantity(text);
  return cores ? rounded_up(*cores * 1000) : std::nullopt;
}

} // namespace cubeflash
