// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"
#include "cli/output.hpp"

#include <signal.h>
#include <unistd.h>

#include <iostream>

int main(int argc, char** argv) {
  // A peer or a reader of stdout that went away is an error code of the call, not the end of the
  // program.
  ::signal(SIGPIPE, SIG_IGN);
  cubeflash::cli::OutputBuffer buffer(STDOUT_FILENO);
  std::ostream out(&buffer);
  out.exceptions(std::ios::badbit);
  cubeflash::cli::Context context{.out = out,
                                  .err = std::cerr,
                                  .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                                  .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                                  .in_fd = STDIN_FILENO};
  return cubeflash::cli::run({argv + 1, argv + argc}, context);
}
