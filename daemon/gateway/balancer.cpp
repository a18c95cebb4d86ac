// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/balancer.hpp"

#include "daemon/gateway/wait_queue.hpp"

#include <algorithm>

namespace cubeflash::daemon {

namespace {

struct Choice {
  Backend* backend = nullptr;
  std::uint32_t in_flight = 0;
};

Choice
least_loaded(const Route& route, std::uint32_t rotation, std::span<const Backend* const> avoided) {
  Choice best;
  const std::size_t count = route.backends.size();
  for (std::size_t i = 0; i < count; ++i) {
    Backend* backend = route.backends[(rotation + i) % count].get();
    if (std::find(avoided.begin(), avoided.end(), backend) != avoided.end()) continue;
    const auto in_flight = backend->in_flight.load(std::memory_order_seq_cst);
    if (!best.backend || in_flight < best.in_flight) best = {backend, in_flight};
    if (best.in_flight == 0) break;
  }
  return best;
}

} // namespace

void Lease::release() {
  if (!backend_) return;
  // Sequentially consistent with the queue's counter: either this sees the waiter, or the waiter
  // sees the free place.
  backend_->in_flight.fetch_sub(1, std::memory_order_seq_cst);
  backend_ = nullptr;
  if (queue_) queue_->wake_first();
}

Lease acquire(const Route& route, std::uint32_t rotation, std::span<const Backend* const> avoided) {
  for (;;) {
    Choice choice = least_loaded(route, rotation, avoided);
    if (!choice.backend) return {};
    if (route.concurrency == 0) {
      choice.backend->in_flight.fetch_add(1, std::memory_order_relaxed);
      return {choice.backend, route.queue.get()};
    }
    if (choice.in_flight >= route.concurrency) return {};
    if (choice.backend->in_flight.compare_exchange_strong(
            choice.in_flight, choice.in_flight + 1, std::memory_order_seq_cst))
      return {choice.backend, route.queue.get()};
  }
}

} // namespace cubeflash::daemon
