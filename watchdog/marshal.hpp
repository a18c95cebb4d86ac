// SPDX-License-Identifier: Apache-2.0
// marshal_request: the request as one JSON document on the handler's stdin,
// {"header":{...},"body":{"raw":"<base64>"}}, made piece by piece so that a large body is never
// held whole.
#pragma once

#include "watchdog/request.hpp"

#include <string>
#include <string_view>

namespace cubeflash::watchdog {

class MarshalledRequest {
 public:
  // Everything before the body's first byte.
  static std::string begin(const Request& request);

  // The next piece of the body; up to two bytes wait for those that follow.
  std::string encode(std::string_view body);

  // What waited, and everything after the body.
  std::string end();

 private:
  std::string waiting_;
};

// A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

} // namespace cubeflash::watchdog
