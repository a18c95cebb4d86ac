// SPDX-License-Identifier: Apache-2.0
// The lines that wait for one live reader. It refuses to know about files.
#pragma once

#include "daemon/logs/log_store.hpp"

#include <deque>

namespace cubeflash::daemon {

class FollowerQueue {
 public:
  FollowerQueue(std::string instance, std::size_t max_lines)
      : instance_(std::move(instance)), max_lines_(max_lines) {}

  // Takes the line if it is of the instance asked for. Returns whom to wake, to be called once the
  // queues are in order: it may end this or another subscription.
  std::function<void()> push(const LogLine& line);

  std::optional<LogLine> take();
  void on_line(std::function<void()> wake);

 private:
  std::string instance_; // empty: all
  std::size_t max_lines_;
  std::deque<LogLine> lines_;
  std::size_t lost_ = 0;
  std::function<void()> wake_;
};

// The subscription ends with it: the store has but a weak pointer to the queue.
class QueueFollower : public LogFollower {
 public:
  explicit QueueFollower(std::shared_ptr<FollowerQueue> queue) : queue_(std::move(queue)) {}

  std::optional<LogLine> take() override { return queue_->take(); }

  void on_line(std::function<void()> wake) override { queue_->on_line(std::move(wake)); }

 private:
  std::shared_ptr<FollowerQueue> queue_;
};

} // namespace cubeflash::daemon
