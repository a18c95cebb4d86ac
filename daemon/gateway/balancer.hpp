// SPDX-License-Identifier: Apache-2.0
// Chooses the instance for a request and accounts for it: least in flight, within the function's
// concurrency. It refuses to know how instances are reached.
#pragma once

#include "daemon/gateway/route_table.hpp"

#include <cstdint>
#include <span>
#include <utility>

namespace cubeflash::daemon {

// One request's place on an instance. The snapshot that names the instance outlives it.
class Lease {
 public:
  Lease() = default;

  Lease(Backend* backend, WaitQueue* queue) : backend_(backend), queue_(queue) {}

  Lease(Lease&& other) noexcept
      : backend_(std::exchange(other.backend_, nullptr)), queue_(other.queue_) {}

  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      release();
      backend_ = std::exchange(other.backend_, nullptr);
      queue_ = other.queue_;
    }
    return *this;
  }

  ~Lease() { release(); }

  explicit operator bool() const { return backend_ != nullptr; }

  Backend& backend() const { return *backend_; }

  // Frees the place and wakes who waits for one.
  void release();

 private:
  Backend* backend_ = nullptr;
  WaitQueue* queue_ = nullptr;
};

// Empty when every instance outside `avoided` is at its limit. `rotation` breaks ties: pass a
// counter that moves on.
Lease acquire(const Route& route, std::uint32_t rotation, std::span<const Backend* const> avoided);

} // namespace cubeflash::daemon
