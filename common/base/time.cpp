// SPDX-License-Identifier: Apache-2.0
#include "common/base/time.hpp"

#include "common/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace cubeflash {

namespace {

struct Unit {
  std::string_view name;
  double milliseconds;
};

constexpr std::array<Unit, 7> kUnits{{{"ns", 1e-6},
                                      {"us", 1e-3},
                                      {"\xC2\xB5s", 1e-3},
                                      {"ms", 1},
                                      {"s", 1e3},
                                      {"m", 6e4},
                                      {"h", 3.6e6}}};
constexpr double kLongest = 100.0 * 366 * 24 * 3.6e6;

// Reads one "<number><unit>" off the front; nullopt when there is none.
std::optional<double> take_term(std::string_view& text) {
  double number = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  // from_chars takes "inf" and "nan" as well.
  if (failure != std::errc{} || !std::isfinite(number) || text.front() == '-') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const auto& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    // "m" must not take the front of "ms".
    if (unit.name == "m" && text.starts_with("ms")) continue;
    text.remove_prefix(unit.name.size());
    return number * unit.milliseconds;
  }
  return std::nullopt;
}

// Fixed-width decimal field; -1 when it is not all digits.
int digits_at(std::string_view text, std::size_t position, std::size_t width) {
  if (position + width > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(position, width)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (const auto seconds = parse_integer<std::int64_t>(text)) {
    if (*seconds < 0 || static_cast<double>(*seconds) * 1e3 > kLongest) return std::nullopt;
    return milliseconds(*seconds * 1000);
  }
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto term = take_term(text);
    if (!term) return std::nullopt;
    total += *term;
    if (total > kLongest) return std::nullopt;
  }
  return milliseconds(static_cast<std::int64_t>(std::llround(total)));
}

std::string format_duration(milliseconds duration) {
  auto rest = duration.count();
  if (rest == 0) return "0s";
  if (rest < 1000) return fmt::format("{}ms", rest);
  std::string text;
  if (rest >= 3'600'000) text += fmt::format("{}h", rest / 3'600'000);
  rest %= 3'600'000;
  if (rest >= 60'000) text += fmt::format("{}m", rest / 60'000);
  rest %= 60'000;
  if (rest % 1000 != 0)
    text += fmt::format("{:g}s", static_cast<double>(rest) / 1000);
  else if (rest != 0)
    text += fmt::format("{}s", rest / 1000);
  return text;
}

std::string format_rfc3339(std::chrono::system_clock::time_point instant, int digits) {
  namespace ch = std::chrono;
  const auto day = ch::floor<ch::days>(instant);
  const ch::year_month_day date(day);
  const ch::hh_mm_ss<ch::nanoseconds> time(ch::duration_cast<ch::nanoseconds>(instant - day));
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                                 static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()),
                                 time.hours().count(),
                                 time.minutes().count(),
                                 time.seconds().count());
  if (digits == 3) text += fmt::format(".{:03}", time.subseconds().count() / 1'000'000);
  if (digits == 9) text += fmt::format(".{:09}", time.subseconds().count());
  return text + "Z";
}

std::optional<std::chrono::system_clock::time_point> parse_rfc3339(std::string_view text) {
  namespace ch = std::chrono;
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  const int hour = digits_at(text, 11, 2);
  const int minute = digits_at(text, 14, 2);
  const int second = digits_at(text, 17, 2);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60)
    return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const ch::year_month_day date{
      ch::year(year), ch::month(static_cast<unsigned>(month)), ch::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;

  std::size_t at = 19;
  std::int64_t nanoseconds = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale = 100'000'000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      nanoseconds += (text[at] - '0') * scale;
    if (at == first) return std::nullopt;
  }
  int offset_minutes = 0;
  const std::string_view zone = text.substr(at);
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
    const int hours = digits_at(zone, 1, 2);
    const int minutes = digits_at(zone, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    offset_minutes = (hours * 60 + minutes) * (zone[0] == '-' ? -1 : 1);
  } else if (zone != "Z" && zone != "z") {
    return std::nullopt;
  }
  return ch::sys_days(date) + ch::hours(hour) + ch::minutes(minute - offset_minutes) +
         ch::seconds(second) +
         ch::duration_cast<ch::system_clock::duration>(ch::nanoseconds(nanoseconds));
}

} // namespace cubeflash
