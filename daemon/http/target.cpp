// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/target.hpp"

#include "common/base/text.hpp"

namespace cubeflash::daemon {

namespace {

constexpr std::string_view kFunctionPrefix = "/function/";

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// RFC 9112 section 3.2.2: servers must take the absolute form as well.
std::optional<std::string_view> without_authority(std::string_view raw) {
  const auto scheme_end = raw.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const auto scheme = raw.substr(0, scheme_end);
  if (!iequals(scheme, "http") && !iequals(scheme, "https")) return std::nullopt;
  const auto path = raw.find_first_of("/?", scheme_end + 3);
  return path == std::string_view::npos ? std::string_view("/") : raw.substr(path);
}

} // namespace

std::optional<Target> split_target(std::string_view raw) {
  if (raw == "*") return Target{raw, {}};
  if (raw.empty()) return std::nullopt;
  if (raw.front() != '/') {
    const auto origin = without_authority(raw);
    if (!origin) return std::nullopt;
    raw = *origin;
  }
  const auto mark = raw.find('?');
  if (mark == std::string_view::npos) return Target{raw, {}};
  const auto path = raw.substr(0, mark);
  return Target{path.empty() ? std::string_view("/") : path, raw.substr(mark)};
}

std::optional<FunctionTarget> function_target(std::string_view path) {
  if (!path.starts_with(kFunctionPrefix)) return std::nullopt;
  path.remove_prefix(kFunctionPrefix.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return FunctionTarget{path, "/"};
  return FunctionTarget{path.substr(0, slash), path.substr(slash)};
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

std::optional<std::vector<std::pair<std::string, std::string>>>
parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  if (query.starts_with('?')) query.remove_prefix(1);
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = percent_decode(part.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::string()
                                                  : percent_decode(part.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

} // namespace cubeflash::daemon
