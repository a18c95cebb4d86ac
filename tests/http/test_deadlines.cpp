// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/deadlines.hpp"

#include <doctest/doctest.h>

using namespace cubeflash::daemon;
using namespace std::chrono_literals;
using Clock = Deadlines::Clock;

TEST_CASE("deadlines: moved earlier or later, each passes at its own time") {
  boost::asio::io_context io;
  int changes = 0;
  Deadlines deadlines(io, [&] { ++changes; });
  const auto start = Clock::now();
  deadlines.set(Limit::call, start + 10s);
  deadlines.set(Limit::send, start + 20ms); // earlier than what the timer waits for
  deadlines.set(Limit::receive, start + 5ms);
  deadlines.set(Limit::receive, start + 60ms); // later: the timer is left alone
  while (changes == 0)
    io.run_one();
  CHECK(Clock::now() >= start + 20ms);
  CHECK(deadlines.expired(Limit::send));
  CHECK_FALSE(deadlines.expired(Limit::receive));
  deadlines.clear(Limit::send);
  while (changes == 1)
    io.run_one();
  CHECK(Clock::now() >= start + 60ms);
  CHECK(deadlines.expired(Limit::receive));
  CHECK_FALSE(deadlines.expired(Limit::call));
  CHECK_FALSE(deadlines.expired(Limit::send));
}

TEST_CASE("deadlines: stopping ends the wait and says so once") {
  boost::asio::io_context io;
  int changes = 0;
  Deadlines deadlines(io, [&] { ++changes; });
  deadlines.set(Limit::call, Clock::now() + 1h);
  deadlines.set(Limit::call, Clock::now() + 1min);
  deadlines.set(Limit::send, Clock::now() + 1s);
  deadlines.stop();
  CHECK(deadlines.busy());
  io.run();
  CHECK_FALSE(deadlines.busy());
  CHECK(changes == 1);
}
