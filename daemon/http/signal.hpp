// SPDX-License-Identifier: Apache-2.0
// Wakes one waiting coroutine of the same thread. Sticky: a notification that nobody waited for
// ends the next wait at once, so whoever waits looks at the facts again in a loop. It refuses to
// know what happened.
#pragma once

#include "common/net/asio.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

namespace cubeflash::daemon {

class Signal {
 public:
  explicit Signal(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // At most one coroutine waits at a time.
  awaitable<void> wait() {
    if (std::exchange(raised_, false)) co_return;
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        [this](Handler&& handler) { waiting_.emplace(std::move(handler)); }, use_awaitable);
  }

  // On the signal's thread; the coroutine goes on later, never inside this call.
  void notify() {
    if (!waiting_) {
      raised_ = true;
      return;
    }
    Handler handler = std::move(*waiting_);
    waiting_.reset();
    asio::post(executor_, std::move(handler));
  }

  const asio::any_io_executor& executor() const { return executor_; }

 private:
  using Handler = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;

  asio::any_io_executor executor_;
  std::optional<Handler> waiting_;
  bool raised_ = false;
};

} // namespace cubeflash::daemon
