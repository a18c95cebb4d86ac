// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/back_off.hpp"

#include <algorithm>

namespace cubeflash::daemon {

std::chrono::milliseconds BackOff::failed(Clock::time_point now, std::chrono::milliseconds served) {
  if (served >= kHealthy) failures_ = 0;
  ++failures_;
  const auto doublings = std::min(failures_ - 1, 10U); // 2^10 * 250 ms is past the longest already
  const auto wait = std::min(kFirst * (1U << doublings), kLongest);
  retry_at_ = now + wait;
  return wait;
}

void BackOff::reset() {
  failures_ = 0;
  retry_at_ = {};
}

} // namespace cubeflash::daemon
