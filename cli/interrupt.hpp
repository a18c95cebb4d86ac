// SPDX-License-Identifier: Apache-2.0
// Ctrl-C as a flag while something that must be ended cleanly runs.
#pragma once

#include <signal.h>

#include <atomic>

namespace cubeflash::cli {

// While one lives, the first SIGINT or SIGTERM raises its flag; the second one ends the program as
// usual. One at a time.
class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  const std::atomic<bool>& raised() const;

 private:
  struct sigaction old_interrupt_ {};

  struct sigaction old_terminate_ {};
};

} // namespace cubeflash::cli
