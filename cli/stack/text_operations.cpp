// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/text_operations.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <cwchar>
#include <cwctype>
#include <locale.h>

namespace cubeflash::cli {

namespace {

constexpr std::uint64_t kMaxWork = 200'000'000; // about a second

// Built into glibc since 2.35. Where it is missing only ASCII letters change.
locale_t unicode_locale() {
  static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

char32_t changed(char32_t letter, bool upper) {
  if (letter < 0x80) {
    if (upper && letter >= 'a' && letter <= 'z') return letter - 'a' + 'A';
    if (!upper && letter >= 'A' && letter <= 'Z') return letter - 'A' + 'a';
    return letter;
  }
  const locale_t locale = unicode_locale();
  if (locale == nullptr) return letter;
  const auto wide = static_cast<wint_t>(letter);
  return static_cast<char32_t>(upper ? ::towupper_l(wide, locale) : ::towlower_l(wide, locale));
}

// Length of the UTF-8 sequence at the front, with its code point; 1 and nullopt when it is none.
std::pair<std::size_t, std::optional<char32_t>> decode_letter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, first};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || length > text.size()) return {1, std::nullopt};
  char32_t letter = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {1, std::nullopt};
    letter = (letter << 6U) | (byte(i) & 0x3FU);
  }
  return {length, letter};
}

void put_letter(std::string& out, char32_t letter) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((letter >> shift) & 0x3FU));
  };
  if (letter < 0x80) {
    out += static_cast<char>(letter);
  } else if (letter < 0x800) {
    out += static_cast<char>(0xC0U | (letter >> 6U));
    tail(0);
  } else if (letter < 0x10000) {
    out += static_cast<char>(0xE0U | (letter >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (letter >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

} // namespace

std::string change_case(std::string_view value, Case how) {
  const bool upper = how == Case::upper || how == Case::upper_first;
  const bool first_only = how == Case::upper_first || how == Case::lower_first;
  std::string out;
  while (!value.empty()) {
    const auto [length, letter] = decode_letter(value);
    if (letter)
      put_letter(out, changed(*letter, upper));
    else
      out += value.front();
    value.remove_prefix(length);
    if (first_only) return out.append(value);
  }
  return out;
}

std::string
cut(const std::string& value, std::string_view position, const std::optional<std::string>& length) {
  const auto size = static_cast<std::int64_t>(value.size());
  auto start = parse_integer<std::int64_t>(position);
  if (!start) return value;
  if (*start < 0) start = *start < -size ? 0 : size + *start;
  if (*start >= size) return {};
  if (!length) return value.substr(static_cast<std::size_t>(*start));
  const auto count = parse_integer<std::int64_t>(*length);
  if (!count || *count < 0) return value;
  return value.substr(static_cast<std::size_t>(*start), static_cast<std::size_t>(*count));
}

std::string
trim_pattern(const std::string& value, std::string_view pattern, bool front, Glob::Reach reach) {
  const auto glob = Glob::parse(pattern);
  if (!glob) return value;
  if (front) return value.substr(glob->prefix(value, reach));
  return value.substr(0, value.size() - glob->suffix(value, reach));
}

std::optional<std::string> replace_text(const std::string& value,
                                        std::string_view search,
                                        std::string_view with,
                                        Replace where,
                                        std::size_t max_bytes) {
  const bool fits = value.size() + with.size() <= max_bytes;
  if (where == Replace::prefix || where == Replace::suffix) {
    const bool front = where == Replace::prefix;
    if (!(front ? value.starts_with(search) : value.ends_with(search))) return value;
    if (!fits) return std::nullopt;
    return front ? std::string(with) + value.substr(search.size())
                 : value.substr(0, value.size() - search.size()) + std::string(with);
  }
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const auto found = value.find(search, at);
    out.append(value, at, found - at);
    if (found == std::string::npos) break;
    out.append(with);
    if (out.size() > max_bytes) return std::nullopt;
    at = found + search.size();
    if (where == Replace::all) continue;
    out.append(value, at);
    break;
  }
  if (out.size() > max_bytes) return std::nullopt;
  return out;
}

void WorkLimit::spend(std::uint64_t steps) {
  spent_ += steps;
  if (spent_ > kMaxWork)
    throw Error(ErrorKind::too_large, "the substitutions of the file need too much time");
}

} // namespace cubeflash::cli
