// SPDX-License-Identifier: Apache-2.0
// Builds a function's OCI image without Docker: context, the template's steps in a sandbox, one
// reproducible layer.
#pragma once

#include "cli/build/template_store.hpp"
#include "cli/stack/stack_file.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cubeflash::cli {

struct BuildRequest {
  const StackFunction* function = nullptr;
  Template language;
  std::filesystem::path project; // the stack file's directory: handler paths, ./build
  std::vector<std::string>
      copy; // extra paths, relative to `project`, put under the handler folder at their path
  StringMap build_args;                   // over the function's own
  std::vector<std::string> build_options; // with the function's own
  bool no_cache = false;
  bool shrinkwrap = false; // stop once ./build/<name> is written
  std::chrono::milliseconds step_timeout{600'000};
  const std::atomic<bool>* cancelled = nullptr; // set on SIGINT: a running step is ended
};

struct BuildResult {
  std::filesystem::path layout; // ./build/.images/<name>, an OCI layout; empty with shrinkwrap
  std::string manifest_digest;
  bool unchanged = false; // taken from the last build
};

// Told what goes on, for progress: "installing dependencies: pip install ...". Called from the
// building thread.
using BuildProgress = std::function<void(const std::string& step)>;

// Throws Error(not_found) naming the package to install for a missing tool, before anything is
// built; Error(invalid | denied) for the handler folder; Error(failed | timeout) for a step, with
// the last lines of its output and the path of the whole log, ./build/.logs/<name>.log, which is
// kept.
BuildResult build_native(const BuildRequest& request, const BuildProgress& progress);

} // namespace cubeflash::cli
