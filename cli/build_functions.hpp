// SPDX-License-Identifier: Apache-2.0
// Builds some functions of a stack file, several at once, and tells how it goes.
#pragma once

#include "cli/context.hpp"
#include "cli/stack/stack_file.hpp"

#include <string>
#include <vector>

namespace cubeflash::cli {

struct BuildFlags {
  unsigned parallel = 0; // 0: one a core
  bool no_cache = false;
  bool shrinkwrap = false;
  bool quiet = false;
  bool no_stack_pull = false;
  std::string tag = "latest";
  std::vector<std::string> build_args; // k=v
  std::vector<std::string> build_options;
  std::vector<std::string> copy_extra;
};

// Fetches what `configuration.templates` has for languages that are not here.
void pull_missing_templates(const StackFile& stack, const BuildFlags& flags, Context& context);

// Gives every function the image name that --tag means.
void apply_tags(StackFile& stack, const std::string& format);

// Builds every function that has a language and no skip_build. One that fails does not stop the
// others; all failures are told at the end. Returns an exit code.
int build_functions(const StackFile& stack, const BuildFlags& flags, Context& context);

} // namespace cubeflash::cli
