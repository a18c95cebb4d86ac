// SPDX-License-Identifier: Apache-2.0
// How long a function that keeps failing waits before its next start.
#pragma once

#include <chrono>

namespace cubeflash::daemon {

class BackOff {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::milliseconds kFirst{250};
  static constexpr std::chrono::milliseconds kLongest{30'000};
  // An instance that served this long was healthy: its end is not one more failure in a row.
  static constexpr std::chrono::milliseconds kHealthy{60'000};

  // An instance ended by itself after serving for `served` (0: it never got ready). Returns the
  // wait before the next start: 250 ms, doubled for each failure in a row, at most 30 s.
  std::chrono::milliseconds failed(Clock::time_point now, std::chrono::milliseconds served);

  // A new revision starts afresh.
  void reset();

  // Absent (the epoch) when a start is allowed at once.
  Clock::time_point retry_at() const { return retry_at_; }

  unsigned failures() const { return failures_; }

 private:
  unsigned failures_ = 0;
  Clock::time_point retry_at_{};
};

} // namespace cubeflash::daemon
