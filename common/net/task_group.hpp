// SPDX-License-Identifier: Apache-2.0
// Owns the coroutines that nobody awaits: their exceptions are logged with a name, and their end
// can be waited for. One executor, one thread.
#pragma once

#include "common/net/asio.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace cubeflash {

class TaskGroup {
 public:
  explicit TaskGroup(asio::any_io_executor executor);

  // Begins at the executor's next turn, never inside this call.
  void start(awaitable<void> task, std::string name);

  // Whether all tasks ended before the deadline.
  awaitable<bool> wait_empty(std::chrono::milliseconds limit);

  std::size_t running() const { return running_; }

 private:
  static awaitable<void> guard(TaskGroup& group, awaitable<void> task, std::string name);

  asio::any_io_executor executor_;
  asio::steady_timer empty_; // cancelled when the last task ends
  std::size_t running_ = 0;
};

} // namespace cubeflash
