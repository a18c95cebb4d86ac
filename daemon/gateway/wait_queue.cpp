// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/wait_queue.hpp"

#include <utility>

namespace cubeflash::daemon {

std::optional<WaitQueue::Ticket> WaitQueue::join(const std::shared_ptr<WaitQueue>& queue,
                                                 std::function<void()> wake) {
  const std::lock_guard lock(queue->mutex_);
  if (queue->line_.size() >= queue->max_waiting_) return std::nullopt;
  queue->line_.push_back({std::move(wake), false});
  queue->waiting_.store(queue->line_.size(), std::memory_order_seq_cst);
  return Ticket(queue, std::prev(queue->line_.end()));
}

WaitQueue::Ticket::~Ticket() {
  if (!queue_) return;
  const std::lock_guard lock(queue_->mutex_);
  const bool was_first = place_ == queue_->line_.begin();
  queue_->line_.erase(place_);
  queue_->waiting_.store(queue_->line_.size(), std::memory_order_seq_cst);
  // Several slots may have become free while only the first was told.
  if (was_first) queue_->wake_first_locked();
}

bool WaitQueue::Ticket::first() {
  const std::lock_guard lock(queue_->mutex_);
  if (place_ != queue_->line_.begin()) return false;
  place_->woken = false;
  return true;
}

void WaitQueue::wake_first() {
  if (waiting() == 0) return;
  const std::lock_guard lock(mutex_);
  wake_first_locked();
}

void WaitQueue::wake_first_locked() {
  if (line_.empty() || line_.front().woken) return;
  line_.front().woken = true;
  line_.front().wake();
}

} // namespace cubeflash::daemon
