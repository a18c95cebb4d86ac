// SPDX-License-Identifier: Apache-2.0
// cflash up: build, deploy and wait until it runs.
#pragma once

#include "cli/build_functions.hpp"
#include "cli/commands/flags.hpp"
#include "cli/context.hpp"
#include "cli/deploy_functions.hpp"

#include <optional>

namespace cubeflash::cli {

class Cli;

struct UpOptions {
  StackFlags stack;
  ApiFlags api;
  BuildFlags build;
  SpecFlags spec;
  bool replace = false;
  std::optional<bool> update;
  bool skip_push = false;
  bool skip_deploy = false;
  bool no_wait = false;
  bool watch = false;
  bool publish = false;
};

void add_up(Cli& cli);
int run_up(const UpOptions& options, Context& context);

} // namespace cubeflash::cli
