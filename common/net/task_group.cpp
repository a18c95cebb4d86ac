// SPDX-License-Identifier: Apache-2.0
#include "common/net/task_group.hpp"

#include "common/base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <exception>
#include <utility>

namespace cubeflash {

TaskGroup::TaskGroup(asio::any_io_executor executor) : executor_(executor), empty_(executor) {}

void TaskGroup::start(awaitable<void> task, std::string name) {
  ++running_;
  asio::co_spawn(executor_, guard(*this, std::move(task), std::move(name)), asio::detached);
}

awaitable<void> TaskGroup::guard(TaskGroup& group, awaitable<void> task, std::string name) {
  try {
    co_await std::move(task);
  } catch (const std::exception& error) {
    log_error("{}: {}", name, error.what());
  }
  if (--group.running_ == 0) group.empty_.cancel();
}

awaitable<bool> TaskGroup::wait_empty(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (running_ > 0 && std::chrono::steady_clock::now() < deadline) {
    empty_.expires_at(deadline);
    co_await empty_.async_wait(as_tuple);
  }
  co_return running_ == 0;
}

} // namespace cubeflash
