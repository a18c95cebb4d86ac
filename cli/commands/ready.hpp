// SPDX-License-Identifier: Apache-2.0
// cflash ready: waits for the gateway or a function.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

struct ReadyOptions {
  StackFlags stack;
  ApiFlags api;
  std::string function; // empty: the gateway itself
  unsigned attempts = 60;
  std::chrono::milliseconds interval{1000};
};

void add_ready(Cli& cli);
int run_ready(const ReadyOptions& options, Context& context);

} // namespace cubeflash::cli
