// SPDX-License-Identifier: Apache-2.0
// Why an instance ended, in words for people.
#pragma once

#include "common/base/process.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace cubeflash::daemon {

struct ExitFacts {
  bool stop_requested = false;
  bool was_ready = false;
  // Why the engine killed it; empty when it did not.
  std::string failure{};
  // Of the process that was started, when it is this daemon's child.
  std::optional<ExitStatus> own{};
  // What bubblewrap reported: above 128 it is 128 + the signal.
  std::optional<int> sandbox_exit_code{};
  std::uint64_t out_of_memory_kills = 0;
  std::optional<std::int64_t> memory_bytes{}; // the limit
  bool memory_by_rlimit = false; // a process then gets no memory, which no counter tells
  std::string last_lines{};      // of its output
};

// "exit status 1", "killed by signal 9 (Killed), memory limit 128Mi exceeded", "stopped"; for one
// that never got ready with the last lines of its output.
std::string exit_reason(const ExitFacts& facts);

} // namespace cubeflash::daemon
