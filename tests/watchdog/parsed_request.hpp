// SPDX-License-Identifier: Apache-2.0
// A request made of text, for tests of what reads requests.
#pragma once

#include "watchdog/request.hpp"

#include <cstring>
#include <string_view>

namespace cubeflash::test {

struct ParsedRequest {
  explicit ParsedRequest(std::string_view text) {
    add(text);
    progress = request.parse_header(input);
  }

  void add(std::string_view text) {
    const auto room = input.prepare(text.size());
    std::memcpy(room.data(), text.data(), text.size());
    input.commit(text.size());
  }

  boost::beast::flat_buffer input;
  watchdog::Request request;
  watchdog::Request::Progress progress = watchdog::Request::Progress::more;
};

} // namespace cubeflash::test
