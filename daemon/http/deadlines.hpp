// SPDX-License-Identifier: Apache-2.0
// The deadlines of one connection on one timer. Arming is lazy: a deadline that moves later costs
// nothing until the old one passes, so a kept-alive connection touches its timer about once a
// minute. It refuses to know what a deadline ends.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>

namespace cubeflash::daemon {

enum class Limit : std::size_t {
  call,    // a whole request, waiting included
  receive, // the client's next bytes
  send,    // the client takes what it is given
  connect, // an instance accepts
};

class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;

  // `on_change` runs on the connection's thread when a deadline has passed and when stop() is done.
  Deadlines(boost::asio::io_context& io, std::function<void()> on_change);

  void set(Limit limit, Clock::time_point when);

  void clear(Limit limit) { at(limit) = Clock::time_point::max(); }

  Clock::time_point when(Limit limit) const { return times_[static_cast<std::size_t>(limit)]; }

  // Passed; says so even before the timer noticed.
  bool expired(Limit limit) const;

  // No more calls to `on_change` once busy() is false. Must come before destruction while the
  // thread runs.
  void stop();

  bool busy() const noexcept { return waits_ != 0; }

 private:
  using Timer = boost::asio::basic_waitable_timer<Clock,
                                                  boost::asio::wait_traits<Clock>,
                                                  boost::asio::io_context::executor_type>;

  Clock::time_point& at(Limit limit) { return times_[static_cast<std::size_t>(limit)]; }

  void arm(Clock::time_point when);
  void on_timer();

  Timer timer_;
  std::function<void()> on_change_;
  std::array<Clock::time_point, 4> times_;
  Clock::time_point armed_ = Clock::time_point::max();
  unsigned waits_ = 0;
  bool stopped_ = false;
};

} // namespace cubeflash::daemon
