// SPDX-License-Identifier: Apache-2.0
// cflash describe: everything about one function.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

struct DescribeOptions {
  StackFlags stack;
  ApiFlags api;
  std::string function;
  bool verbose = false;
  bool json = false;
};

void add_describe(Cli& cli);
int run_describe(const DescribeOptions& options, Context& context);

} // namespace cubeflash::cli
