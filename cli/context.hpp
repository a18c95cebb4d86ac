// SPDX-License-Identifier: Apache-2.0
// What a command may touch of the outside world, so that commands can be run inside a test.
#pragma once

#include <ostream>

namespace cubeflash::cli {

struct Context {
  std::ostream& out; // data
  std::ostream& err; // people
  bool out_is_terminal = false;
  bool err_is_terminal = false; // progress is drawn only then
  bool colour = false;          // a terminal, and NO_COLOR unset (https://no-color.org)
  int in_fd = 0;                // standard input, for commands that stream it
};

} // namespace cubeflash::cli
