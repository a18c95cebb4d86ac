// SPDX-License-Identifier: Apache-2.0
// cflash scale: how many instances of a function should run.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

#include <cstdint>

namespace cubeflash::cli {

class Cli;

struct ScaleOptions {
  StackFlags stack;
  ApiFlags api;
  std::string function;
  std::uint64_t replicas = 0;
};

void add_scale(Cli& cli);
int run_scale(const ScaleOptions& options, Context& context);

} // namespace cubeflash::cli
