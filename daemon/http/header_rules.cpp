// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/header_rules.hpp"

#include "common/base/text.hpp"

#include <algorithm>

namespace cubeflash::daemon {

bool is_hop_by_hop(http::field id) {
  switch (id) {
  case http::field::connection:
  case http::field::proxy_connection:
  case http::field::keep_alive:
  case http::field::proxy_authenticate:
  case http::field::proxy_authorization:
  case http::field::te:
  case http::field::trailer:
  case http::field::transfer_encoding:
  case http::field::upgrade:
    return true;
  default:
    return false;
  }
}

ConnectionOptions::ConnectionOptions(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    if (field.id != http::field::connection) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      const auto token = trim(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      if (token.empty() || iequals(token, "close") || iequals(token, "keep-alive")) continue;
      tokens_.push_back(token);
    }
  }
}

bool ConnectionOptions::names(const Field& field) const {
  if (tokens_.empty()) return false;
  if (field.id == http::field::host || field.id == http::field::content_length) return false;
  return std::any_of(tokens_.begin(), tokens_.end(), [&](std::string_view token) {
    return iequals(token, field.name);
  });
}

const Field* find_field(const std::vector<Field>& fields, http::field id) {
  for (const Field& field : fields)
    if (field.id == id) return &field;
  return nullptr;
}

const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields)
    if (iequals(field.name, name)) return &field;
  return nullptr;
}

std::optional<Refusal> check_request(const RequestParser& parser,
                                     const std::vector<Field>& fields) {
  unsigned hosts = 0;
  unsigned codings = 0;
  for (const Field& field : fields) {
    if (field.id == http::field::host) ++hosts;
    if (field.id == http::field::transfer_encoding) {
      ++codings;
      if (!iequals(field.value, "chunked"))
        return Refusal{501, "only the transfer coding \"chunked\" is understood"};
    }
    if (field.id == http::field::expect && parser.version == 11 &&
        !iequals(field.value, "100-continue"))
      return Refusal{417, "only the expectation \"100-continue\" is understood"};
  }
  if (hosts > 1) return Refusal{400, "more than one Host header"};
  if (hosts == 0 && parser.version == 11) return Refusal{400, "no Host header"};
  if (codings > 1) return Refusal{400, "more than one Transfer-Encoding header"};
  if (codings == 1 && parser.version == 10)
    return Refusal{400, "Transfer-Encoding does not exist in HTTP/1.0"};
  return std::nullopt;
}

} // namespace cubeflash::daemon
