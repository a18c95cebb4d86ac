// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/image_collector.hpp"

#include "common/base/log.hpp"
#include "common/net/blocking.hpp"

#include <utility>

namespace cubeflash::daemon {

namespace {

// A push and the deploy that uses it may be this far apart.
constexpr std::chrono::hours kMinAge{1};

} // namespace

ImageCollector::ImageCollector(ImageStore& images,
                               asio::any_io_executor control,
                               asio::any_io_executor pool,
                               std::function<std::set<std::string>()> used)
    : images_(images), pool_(std::move(pool)), used_(std::move(used)), idle_(std::move(control)) {}

awaitable<void> ImageCollector::wait_idle() {
  while (collecting_) {
    idle_.expires_at(asio::steady_timer::time_point::max());
    co_await idle_.async_wait(as_tuple);
  }
}

awaitable<void> ImageCollector::collect() {
  if (collecting_ || holds_ > 0) co_return;
  collecting_ = true;
  const auto used = used_();
  try {
    co_await run_blocking(pool_, [&] { images_.collect_garbage(used, kMinAge); });
  } catch (const std::exception& error) {
    log_warning("collecting unused images: {}", error.what());
  }
  collecting_ = false;
  idle_.cancel();
}

} // namespace cubeflash::daemon
