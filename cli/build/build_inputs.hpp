// SPDX-License-Identifier: Apache-2.0
// One digest over everything that decides what a build makes, so that an unchanged function is not
// built twice.
#pragma once

#include "cli/build/native_builder.hpp"
#include "cli/build/source_tree.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cubeflash::cli {

// A build's decisions, made before anything is written or run.
struct BuildInputs {
  Tree context;
  StringMap build_args;                     // the function's, then the request's over them
  std::vector<std::string> packages;        // of the build options
  std::vector<std::filesystem::path> tools; // what the steps need, real paths
  std::string fprocess;                     // the function's, else the template's
  std::filesystem::path watchdog;
  std::string tag;

  // Looks at everything; throws what plan_context, find_requirements and option_packages throw.
  static BuildInputs gather(const BuildRequest& request);

  // The same on any path and at any time; tools count by real path, size and modification time.
  std::string digest(const BuildRequest& request) const;
};

// $CFLASH_WATCHDOG, else cflash-watchdog beside the executable, else in ../libexec/cubeflash.
// Throws Error(not_found).
std::filesystem::path find_watchdog();

} // namespace cubeflash::cli
