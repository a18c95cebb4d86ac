// SPDX-License-Identifier: Apache-2.0
// cflash build: turns handlers into images.
#pragma once

#include "cli/build_functions.hpp"
#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

// A function named by flags instead of a stack file.
struct SingleFunction {
  std::string image;
  std::string handler;
  std::string name;
  std::string lang;
};

struct BuildOptions {
  StackFlags stack;
  BuildFlags build;
  SingleFunction single;
};

void add_build_flags(CLI::App& command, BuildFlags& flags);

void add_build(Cli& cli);
int run_build(const BuildOptions& options, Context& context);

} // namespace cubeflash::cli
