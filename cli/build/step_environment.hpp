// SPDX-License-Identifier: Apache-2.0
// What a build step sees: its environment variables and the user's package-manager settings. It
// refuses to run it.
#pragma once

#include "cli/build/build_inputs.hpp"
#include "common/sandbox/sandbox.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cubeflash::cli {

inline constexpr const char* kContextInside = "/home/app";
inline constexpr const char* kCacheInside = "/cache";

struct StepEnvironment {
  std::vector<std::string> variables; // "NAME=value", the whole environment
  std::vector<Mount>
      mounts; // read-only: settings and certificates of the caller; empty without a sandbox

  // With a sandbox `cache` is at /cache and settings files at places of their own; without one,
  // where they are.
  static StepEnvironment
  make(const BuildInputs& inputs, const std::filesystem::path& cache, bool sandboxed);
};

} // namespace cubeflash::cli
