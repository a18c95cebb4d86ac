// SPDX-License-Identifier: Apache-2.0
// The cgroup directories of one instance (cgroups(7)), v1 or v2, told apart by the files in them.
// It refuses to know where they are made (cgroup_host) and whose they are.
#pragma once

#include "common/base/fd.hpp"
#include "daemon/engine/engine.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace cubeflash::daemon {

struct CgroupLimits {
  std::optional<std::int64_t> memory_bytes{};
  std::optional<std::int64_t> cpu_millis{};
  std::uint32_t max_processes = 512;
};

// A value that names directories; owns nothing. Without directories everything below is a harmless
// nothing.
class Cgroup {
 public:
  Cgroup() = default;

  explicit Cgroup(std::vector<std::filesystem::path> directories)
      : directories_(std::move(directories)) {}

  const std::vector<std::filesystem::path>& directories() const { return directories_; }

  // Throws SystemError.
  void create(const CgroupLimits& limits) const;

  // For Confinement::cgroup_procs: a process with one thread joins by writing "0".
  std::vector<Fd> open_joining() const;

  std::vector<pid_t> members() const;

  // SIGKILL to all members; they end a moment later.
  void kill() const;

  // Whether nothing is left. Fails while a member is not wholly gone: try again.
  bool remove() const;

  // Times the kernel ended a member because the memory limit was reached.
  std::uint64_t out_of_memory_kills() const;

  // What is counted here; nullopt unless both memory and CPU time are.
  std::optional<Engine::Usage> usage() const;

 private:
  std::vector<std::filesystem::path> directories_;
};

} // namespace cubeflash::daemon
