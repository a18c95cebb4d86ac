// SPDX-License-Identifier: Apache-2.0
#include "watchdog/marshal.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace cubeflash::watchdog {

namespace {

// RFC 4648 section 4.
void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= count ? kAlphabet[group >> (18 - 6 * k) & 63U] : '=';
  }
}

// The length of the UTF-8 sequence (RFC 3629) at the front; 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  // Overlong forms, surrogates, beyond U+10FFFF.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
      (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))
    return 0;
  return length;
}

} // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\\ufffd";
    } else if (length > 1) {
      out += text.substr(0, length);
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
      // As Go writes them: safe inside HTML as well.
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

std::string MarshalledRequest::begin(const Request& request) {
  std::string out = "{\"header\":{";
  std::string_view separator;
  for (const auto& [name, values] : request.headers()) {
    out += fmt::format("{}{}:[", separator, json_string(name));
    std::string_view comma;
    for (const auto value : values) {
      out += fmt::format("{}{}", comma, json_string(value));
      comma = ",";
    }
    out += ']';
    separator = ",";
  }
  return out + "},\"body\":{\"raw\":\"";
}

std::string MarshalledRequest::encode(std::string_view body) {
  std::string out;
  out.reserve((waiting_.size() + body.size()) / 3 * 4 + 4);
  while (!waiting_.empty() && waiting_.size() < 3 && !body.empty()) {
    waiting_ += body.front();
    body.remove_prefix(1);
  }
  if (waiting_.size() == 3) {
    append_base64(out, waiting_);
    waiting_.clear();
  }
  if (!waiting_.empty()) return out;
  const auto whole = body.size() - body.size() % 3;
  append_base64(out, body.substr(0, whole));
  waiting_ = body.substr(whole);
  return out;
}

std::string MarshalledRequest::end() {
  std::string out;
  append_base64(out, waiting_);
  waiting_.clear();
  return out + "\"}}";
}

} // namespace cubeflash::watchdog
