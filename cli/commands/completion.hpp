// SPDX-License-Identifier: Apache-2.0
// cflash completion: what shells complete, out of the declared commands.
#pragma once

#include "cli/context.hpp"

#include <memory>
#include <string>

namespace cubeflash::cli {

class Cli;

struct CompletionOptions {
  std::string shell;
};

void add_completion(Cli& cli);
int run_completion(const CompletionOptions& options, Context& context);

} // namespace cubeflash::cli
