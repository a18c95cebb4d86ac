// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/back_off.hpp"

#include <doctest/doctest.h>

using namespace cubeflash::daemon;
using std::chrono::milliseconds;

TEST_CASE("the wait doubles with each failure in a row and stops at the longest") {
  BackOff back_off;
  const auto now = BackOff::Clock::now();
  CHECK(back_off.failed(now, milliseconds(0)) == BackOff::kFirst);
  CHECK(back_off.failed(now, milliseconds(0)) == BackOff::kFirst * 2);
  CHECK(back_off.failed(now, milliseconds(10)) == BackOff::kFirst * 4);
  for (int i = 0; i < 100; ++i)
    back_off.failed(now, milliseconds(0));
  CHECK(back_off.failed(now, milliseconds(0)) == BackOff::kLongest);
  CHECK(back_off.retry_at() == now + BackOff::kLongest);
}

TEST_CASE("an instance that served for long starts the count afresh") {
  BackOff back_off;
  const auto now = BackOff::Clock::now();
  for (int i = 0; i < 5; ++i)
    back_off.failed(now, milliseconds(0));
  CHECK(back_off.failed(now, BackOff::kHealthy) == BackOff::kFirst);
}

TEST_CASE("a reset allows a start at once") {
  BackOff back_off;
  const auto now = BackOff::Clock::now();
  back_off.failed(now, milliseconds(0));
  back_off.reset();
  CHECK(back_off.retry_at() <= now);
  CHECK(back_off.failures() == 0);
}
