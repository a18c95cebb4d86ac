// SPDX-License-Identifier: Apache-2.0
// From "what to run" to a started process: environment, command line, limits, descriptors. It
// refuses to know what happens afterwards. Blocking: callers run it on the worker pool.
#pragma once

#include "common/base/fd.hpp"
#include "common/base/process.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/local/instance_directory.hpp"
#include "daemon/engine/local/instance_record.hpp"
#include "daemon/images/image_store.hpp"

#include <string>
#include <vector>

namespace cubeflash::daemon {

// Descriptors that an instance is started with, beside stdout and stderr.
inline constexpr int kReadyFd = 3;  // gets a line break once it listens
inline constexpr int kStatusFd = 4; // bubblewrap keeps it to itself

// Limits that no cgroup holds here and that a process can be given instead.
struct ProcessLimits {
  bool memory = false;
  bool processes = false; // counted per account: only with a uid of its own
};

struct LaunchInput {
  const InstanceSpec& spec;
  const UnpackedImage& image;
  const InstanceDirectory& directory;
  const InstanceRecord& record;
  ProcessLimits limits;
};

struct Launched {
  Process process;
  Fd log;   // the reader's end of its output
  Fd ready; // gets "\n", or its end without one
};

// Throws Error(invalid | unsupported) for the image, SystemError when the host refuses.
Launched launch(const LaunchInput& input);

// The image's environment, then the function's, then what the engine sets.
std::vector<std::string> instance_environment(const LaunchInput& input);

// What of the image is mounted where. Throws Error(unsupported) when it brings a system of its own.
std::vector<std::pair<std::filesystem::path, std::filesystem::path>>
image_mounts(const std::filesystem::path& root);

} // namespace cubeflash::daemon
