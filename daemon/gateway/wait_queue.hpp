// SPDX-License-Identifier: Apache-2.0
// The line of requests that wait for an instance of one function, over all threads. Strictly first
// come, first served: only the one in front tries, and wakes the next when it leaves. It refuses to
// know what is waited for.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace cubeflash::daemon {

class WaitQueue {
  struct Waiter {
    std::function<void()> wake;
    bool woken = false;
  };

 public:
  explicit WaitQueue(std::size_t max_waiting) : max_waiting_(max_waiting) {}

  // A place in the line, given up when destroyed.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : queue_(std::move(other.queue_)), place_(other.place_) {}

    Ticket& operator=(Ticket&&) = delete;
    ~Ticket();

    // Whether it stands in front and may try. Call it before every try: what is freed after this
    // call wakes it again, so nothing that happens between a failed try and the wait is lost.
    bool first();

   private:
    friend class WaitQueue;

    Ticket(std::shared_ptr<WaitQueue> queue, std::list<Waiter>::iterator place)
        : queue_(std::move(queue)), place_(place) {}

    std::shared_ptr<WaitQueue> queue_;
    std::list<Waiter>::iterator place_;
  };

  // `wake` may be called on any thread, under the queue's lock: it posts and returns. nullopt: the
  // line is full.
  static std::optional<Ticket> join(const std::shared_ptr<WaitQueue>& queue,
                                    std::function<void()> wake);

  // Requests in the line. Sequentially consistent with the in-flight counters: whoever frees a slot
  // and then reads 0 here may be sure that a waiter that joins later will see the slot.
  std::size_t waiting() const { return waiting_.load(std::memory_order_seq_cst); }

  // Something may have become free. Any thread.
  void wake_first();

 private:
  void wake_first_locked();

  const std::size_t max_waiting_;
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  std::list<Waiter> line_;
};

} // namespace cubeflash::daemon
