// SPDX-License-Identifier: Apache-2.0
// What a handler gets to know about its request beyond the body: the environment that the watchdog
// sets.
#pragma once

#include <cctype>
#include <cstdlib>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

// The handler: reads the request body from `in`, writes the response to `out`, throws to answer
// with status 500.
void handle(std::istream& in, std::ostream& out);

namespace request {

inline std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

inline std::string method() {
  return variable("Http_Method");
}

inline std::string path() {
  return variable("Http_Path");
}

// header("content-type"): the first value of that header, empty when there is none.
inline std::string header(std::string_view name) {
  std::string canonical;
  bool start = true;
  for (const unsigned char c : name) {
    canonical += c == '-' ? '_' : static_cast<char>(start ? std::toupper(c) : std::tolower(c));
    start = c == '-';
  }
  return variable("Http_" + canonical);
}

inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "%41+b" is "A b"; a percent sign without two hexadecimal digits stays.
inline std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// query("name"): the first value of ?name=value in the address; nothing when it is not there.
inline std::optional<std::string> query(std::string_view name) {
  const std::string all = variable("Http_Query");
  for (std::string_view rest = all; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size() < rest.size() ? pair.size() + 1 : rest.size());
    const std::size_t equals = pair.find('=');
    if (decode(pair.substr(0, equals)) == name) {
      return equals == std::string_view::npos ? "" : decode(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

} // namespace request
