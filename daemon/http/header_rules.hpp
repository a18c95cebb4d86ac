// SPDX-License-Identifier: Apache-2.0
// Which header fields pass a proxy, and which heads are refused because two readers could take them
// differently. Pure.
#pragma once

#include "daemon/http/message_parser.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

// Fields about one hop only: RFC 9110 section 7.6.1 and what OpenFaaS strips.
bool is_hop_by_hop(http::field id);

// The fields that a message's Connection headers name, beyond "close" and "keep-alive".
class ConnectionOptions {
 public:
  explicit ConnectionOptions(const std::vector<Field>& fields);

  // Host and the framing of the body cannot be taken away by naming them.
  bool names(const Field& field) const;

 private:
  std::vector<std::string_view> tokens_;
};

// The first field of that name; nullptr when there is none.
const Field* find_field(const std::vector<Field>& fields, http::field id);
const Field* find_field(const std::vector<Field>& fields, std::string_view name);

struct Refusal {
  unsigned status = 400;
  std::string text;
};

// What Beast's grammar lets through and a proxy must not: two Hosts, none, transfer codings other
// than chunked, unknown expectations.
std::optional<Refusal> check_request(const RequestParser& parser, const std::vector<Field>& fields);

} // namespace cubeflash::daemon
