// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/gateway.hpp"

#include "common/base/log.hpp"
#include "daemon/gateway/wait_queue.hpp"
#include "daemon/gateway/worker.hpp"
#include "daemon/http/listener.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace cubeflash::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto kLookInterval = 5ms; // while draining, which happens once
constexpr auto kAbortGrace = 1s;

} // namespace

struct Gateway::State {
  std::shared_ptr<GatewayShared> shared;
  std::vector<std::shared_ptr<Worker>> workers;
  std::uint16_t port = 0;

  // Whether the last connection ended within that time.
  bool wait_idle(milliseconds limit) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const bool idle = std::all_of(workers.begin(), workers.end(), [](const auto& worker) {
        return worker->connections() == 0;
      });
      if (idle) return true;
      if (std::chrono::steady_clock::now() >= end) return false;
      std::this_thread::sleep_for(kLookInterval);
    }
  }
};

Gateway::Gateway(GatewayOptions options, asio::any_io_executor control, RequestHandler handler)
    : state_(std::make_unique<State>()) {
  unsigned count = options.threads != 0 ? options.threads : std::thread::hardware_concurrency();
  count = std::max(count, 1U);
  Listeners listeners = listen_on(options.host, options.port, count);
  state_->port = listeners.port;
  state_->shared = std::make_shared<GatewayShared>();
  state_->shared->options = std::move(options);
  state_->shared->control = std::move(control);
  state_->shared->handler = std::make_shared<const RequestHandler>(std::move(handler));
  for (std::size_t i = 0; i < listeners.sockets.size(); ++i)
    state_->workers.push_back(
        std::make_shared<Worker>(state_->shared, i, std::move(listeners.sockets[i])));
}

Gateway::~Gateway() {
  for (const auto& worker : state_->workers)
    worker->abort();
  state_->wait_idle(kAbortGrace);
  for (const auto& worker : state_->workers)
    worker->join();
}

void Gateway::start() {
  for (const auto& worker : state_->workers)
    worker->start();
}

std::uint16_t Gateway::port() const {
  return state_->port;
}

unsigned Gateway::threads() const {
  return static_cast<unsigned>(state_->workers.size());
}

void Gateway::publish(std::shared_ptr<const RouteTable> table) {
  for (const auto& worker : state_->workers)
    worker->publish(table);
}

std::shared_ptr<WaitQueue> Gateway::make_wait_queue(std::size_t max_waiting) {
  return std::make_shared<WaitQueue>(max_waiting);
}

void Gateway::drain() {
  for (const auto& worker : state_->workers)
    worker->drain();
  // Each worker has to have heard of it before its connections mean anything.
  for (const auto& worker : state_->workers)
    worker->await_posted();
  if (state_->wait_idle(state_->shared->options.drain_grace)) return;
  log_warning("gateway: some answers took longer than the grace of a shutdown and were cut off");
  for (const auto& worker : state_->workers)
    worker->abort();
  state_->wait_idle(kAbortGrace);
}

} // namespace cubeflash::daemon
