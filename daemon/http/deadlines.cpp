// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/deadlines.hpp"

#include <algorithm>
#include <utility>

namespace cubeflash::daemon {

Deadlines::Deadlines(boost::asio::io_context& io, std::function<void()> on_change)
    : timer_(io), on_change_(std::move(on_change)) {
  times_.fill(Clock::time_point::max());
}

void Deadlines::set(Limit limit, Clock::time_point when) {
  at(limit) = when;
  if (when < armed_) arm(when);
}

bool Deadlines::expired(Limit limit) const {
  const auto deadline = when(limit);
  return deadline != Clock::time_point::max() && Clock::now() >= deadline;
}

void Deadlines::stop() {
  stopped_ = true;
  timer_.cancel();
}

void Deadlines::arm(Clock::time_point when) {
  if (stopped_) return;
  armed_ = when;
  ++waits_;
  timer_.expires_at(when); // ends an earlier wait, which then counts itself out
  timer_.async_wait([this](boost::system::error_code error) {
    --waits_;
    if (!error && !stopped_)
      on_timer();
    else if (stopped_ && waits_ == 0)
      on_change_();
  });
}

void Deadlines::on_timer() {
  const auto now = Clock::now();
  if (armed_ > now) return; // armed again for later between the expiry and this call
  armed_ = Clock::time_point::max();
  auto next = Clock::time_point::max();
  bool passed = false;
  for (const auto& time : times_) {
    if (time <= now)
      passed = true;
    else
      next = std::min(next, time);
  }
  if (next != Clock::time_point::max()) arm(next);
  if (passed) on_change_();
}

} // namespace cubeflash::daemon
