// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/head_scanner.hpp"

namespace cubeflash::daemon {

HeadScanner::Result HeadScanner::scan(std::string_view input) {
  for (;;) {
    // A line that starts with a blank continues the one before: obs-fold, RFC 9112 section 5.2.
    if (line_ < input.size() && (input[line_] == ' ' || input[line_] == '\t'))
      return Result::malformed;
    const std::size_t end = input.find('\n', seen_);
    if (end == std::string_view::npos) {
      seen_ = input.size();
      return Result::incomplete;
    }
    if (end == line_ || input[end - 1] != '\r') return Result::malformed;
    const bool empty = end - line_ == 1;
    seen_ = line_ = end + 1;
    if (empty) return Result::complete;
  }
}

} // namespace cubeflash::daemon
