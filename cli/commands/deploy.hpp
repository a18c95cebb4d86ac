// SPDX-License-Identifier: Apache-2.0
// cflash deploy: registers built functions with a gateway.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"
#include "cli/deploy_functions.hpp"

#include <optional>

namespace cubeflash::cli {

class Cli;

struct DeployOptions {
  StackFlags stack;
  ApiFlags api;
  SpecFlags spec;
  std::string image; // a function named by flags instead of a stack file
  std::string name;
  std::string tag = "latest";
  bool replace = false;
  std::optional<bool> update;
  std::optional<std::chrono::milliseconds> wait;
};

void add_spec_flags(CLI::App& command, SpecFlags& flags);

// Throws Error(usage) when both were asked for.
DeployPlan deploy_plan(bool replace, std::optional<bool> update);

void add_deploy(Cli& cli);
int run_deploy(const DeployOptions& options, Context& context);

} // namespace cubeflash::cli
