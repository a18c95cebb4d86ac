// SPDX-License-Identifier: Apache-2.0
#include "watchdog/request.hpp"

#include "common/base/text.hpp"

#include <boost/beast/http/error.hpp>

#include <charconv>
#include <optional>
#include <stdexcept>

namespace cubeflash::watchdog {

namespace http = boost::beast::http;

namespace {

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

boost::beast::string_view beast_view(std::string_view text) {
  return {text.data(), text.size()};
}

// RFC 3986 section 2.1. nullopt for a broken escape, and for a NUL: no environment variable can
// hold one.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 3 > text.size()) return std::nullopt;
    const auto [end, failure] =
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
    if (failure != std::errc{} || end != text.data() + i + 3 || value == 0) return std::nullopt;
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

} // namespace

Request::Request() {
  parser_.header_limit(kHeaderLimit);
  parser_.body_limit(boost::none);
}

Request::Progress Request::parse_header(boost::beast::flat_buffer& input) {
  if (input.size() == 0) return Progress::more;
  boost::system::error_code failure;
  try {
    input.consume(parser_.put(input.data(), failure));
  } catch (const std::length_error&) {
    return Progress::too_large; // Beast keeps no field longer than 64 KiB
  }
  if (failure == http::error::need_more) return Progress::more;
  if (failure == http::error::header_limit) return Progress::too_large;
  if (failure) {
    problem_ = failure.message();
    return Progress::malformed;
  }
  if (!parser_.is_header_done()) return Progress::more;
  host_ = view(parser_.get()[http::field::host]);
  if (!parse_target(view(parser_.get().target()))) {
    problem_ = "bad request target";
    return Progress::malformed;
  }
  return Progress::done;
}

bool Request::parse_target(std::string_view target) {
  // RFC 9112 section 3.2.2: a server must accept the absolute form; its authority replaces the Host
  // field.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!iequals(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto end = std::min(target.find_first_of("/?"), target.size());
    host_ = target.substr(0, end);
    target.remove_prefix(end);
    if (target.empty()) target = "/";
    break;
  }
  const auto question = target.find('?');
  if (question != std::string_view::npos) query_ = target.substr(question + 1);
  auto decoded = percent_decode(target.substr(0, question));
  if (!decoded) return false;
  path_ = std::move(*decoded);
  return path_.starts_with('/') || path_.empty() || path_ == "*";
}

Request::Progress Request::parse_body(boost::beast::flat_buffer& input,
                                      char* out,
                                      std::size_t size,
                                      std::size_t& produced) {
  produced = 0;
  while (produced == 0 && input.size() > 0 && !parser_.is_done()) {
    auto& body = parser_.get().body();
    body.data = out;
    body.size = size;
    body.more = true;
    boost::system::error_code failure;
    std::size_t consumed = 0;
    try {
      consumed = parser_.put(input.data(), failure);
    } catch (const std::length_error& error) { // in a trailer
      problem_ = error.what();
      return Progress::malformed;
    }
    input.consume(consumed);
    produced = size - body.size;
    if (failure == http::error::need_buffer) break;
    if (failure == http::error::need_more) return Progress::more;
    if (failure) {
      problem_ = failure.message();
      return Progress::malformed;
    }
    if (consumed == 0) break;
  }
  return parser_.is_done() ? Progress::done : Progress::more;
}

std::string_view Request::method() const {
  return view(parser_.get().method_string());
}

std::string_view Request::header(std::string_view name) const {
  return view(parser_.get()[beast_view(name)]);
}

Request::Headers Request::headers() const {
  Headers headers;
  for (const auto& field : parser_.get()) {
    if (field.name() == http::field::host || field.name() == http::field::transfer_encoding ||
        field.name() == http::field::trailer)
      continue;
    headers[canonical_header_name(view(field.name_string()))].push_back(view(field.value()));
  }
  return headers;
}

std::int64_t Request::content_length() const {
  if (parser_.chunked()) return -1;
  const auto length = parser_.content_length();
  return length ? static_cast<std::int64_t>(*length) : 0;
}

bool Request::expects_continue() const {
  return !is_http_1_0() && iequals(header("Expect"), "100-continue");
}

std::string canonical_header_name(std::string_view name) {
  std::string canonical(name);
  bool upper = true;
  for (char& c : canonical) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    upper = c == '-';
  }
  return canonical;
}

} // namespace cubeflash::watchdog
