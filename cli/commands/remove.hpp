// SPDX-License-Identifier: Apache-2.0
// cflash remove: takes functions off the gateway.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

struct RemoveOptions {
  StackFlags stack;
  ApiFlags api;
  std::vector<std::string> functions; // empty: those of the stack file
};

void add_remove(Cli& cli);
int run_remove(const RemoveOptions& options, Context& context);

} // namespace cubeflash::cli
