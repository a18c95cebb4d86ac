// SPDX-License-Identifier: Apache-2.0
// cflash version: of this program and of the gateway.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

struct VersionOptions {
  StackFlags stack;
  ApiFlags api;
  bool short_version = false;
  bool json = false;
};

void add_version(Cli& cli);
int run_version(const VersionOptions& options, Context& context);

} // namespace cubeflash::cli
