// SPDX-License-Identifier: Apache-2.0
// cflash new: a function from a template, and its entry in a stack file.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"
#include "common/model/function_spec.hpp"

namespace cubeflash::cli {

class Cli;

struct NewOptions {
  StackFlags stack;
  std::string name;
  std::string lang;
  std::string prefix;
  std::string handler;
  std::string append;
  std::string gateway;
  bool list = false;
  bool quiet = false;
  Resources limits;
  Resources requests;
};

void add_new(Cli& cli);
int run_new(const NewOptions& options, Context& context);

} // namespace cubeflash::cli
