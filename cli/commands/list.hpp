// SPDX-License-Identifier: Apache-2.0
// cflash list: what is deployed.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

struct ListOptions {
  StackFlags stack;
  ApiFlags api;
  bool quiet = false;
  bool verbose = false;
  bool json = false;
  std::string sort = "name";
};

void add_list(Cli& cli);
int run_list(const ListOptions& options, Context& context);

} // namespace cubeflash::cli
