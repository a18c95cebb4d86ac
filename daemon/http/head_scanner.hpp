// SPDX-License-Identifier: Apache-2.0
// Finds the end of a message's head as bytes arrive, looking at each byte once, and refuses line
// shapes on which HTTP parsers disagree (bare LF, folded lines). It refuses to know what the lines
// say.
#pragma once

#include <cstddef>
#include <string_view>

namespace cubeflash::daemon {

class HeadScanner {
 public:
  enum class Result { incomplete, complete, malformed };

  // `input` starts where it started before and has grown.
  Result scan(std::string_view input);

  // Of a complete head, with the empty line.
  std::size_t length() const noexcept { return line_; }

 private:
  std::size_t seen_ = 0; // bytes looked at
  std::size_t line_ = 0; // where the current line starts
};

} // namespace cubeflash::daemon
