// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/balancer.hpp"
#include "daemon/gateway/wait_queue.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <thread>

using namespace cubeflash::daemon;

TEST_CASE("wait queue: only the first may try, and leaving hands the turn on") {
  const auto queue = std::make_shared<WaitQueue>(10);
  std::vector<int> woken;
  std::optional<WaitQueue::Ticket> first(WaitQueue::join(queue, [&] { woken.push_back(1); }));
  std::optional<WaitQueue::Ticket> second(WaitQueue::join(queue, [&] { woken.push_back(2); }));
  CHECK(queue->waiting() == 2);
  CHECK(first->first());
  CHECK_FALSE(second->first());
  queue->wake_first();
  queue->wake_first(); // it knows already
  CHECK(woken == std::vector<int>{1});
  CHECK(first->first());
  queue->wake_first();
  CHECK(woken == std::vector<int>{1, 1});
  first.reset();
  CHECK(woken == std::vector<int>{1, 1, 2});
  CHECK(second->first());
  second.reset();
  CHECK(queue->waiting() == 0);
  queue->wake_first(); // nobody there
}

TEST_CASE("wait queue: one who gives up in the middle changes nothing for the others") {
  const auto queue = std::make_shared<WaitQueue>(10);
  int woken = 0;
  std::optional<WaitQueue::Ticket> first(WaitQueue::join(queue, [] {}));
  std::optional<WaitQueue::Ticket> second(WaitQueue::join(queue, [] {}));
  std::optional<WaitQueue::Ticket> third(WaitQueue::join(queue, [&] { ++woken; }));
  second.reset();
  CHECK(woken == 0);
  first.reset();
  CHECK(woken == 1);
}

TEST_CASE("wait queue: a full line refuses") {
  const auto queue = std::make_shared<WaitQueue>(1);
  const auto first = WaitQueue::join(queue, [] {});
  CHECK(first);
  CHECK_FALSE(WaitQueue::join(queue, [] {}));
}

TEST_CASE("balancer: least in flight first, within the limit, not those to avoid") {
  Route route;
  route.concurrency = 2;
  for (int i = 0; i < 3; ++i)
    route.backends.push_back(std::make_shared<Backend>());
  route.backends[0]->in_flight = 1;
  std::vector<Lease> leases;
  for (std::uint32_t i = 0; i < 5; ++i) {
    leases.push_back(acquire(route, i, {}));
    CHECK(leases.back());
  }
  CHECK_FALSE(acquire(route, 0, {}));
  for (const auto& backend : route.backends)
    CHECK(backend->in_flight == 2);
  const Backend* freed = &leases.back().backend();
  leases.pop_back();
  const Backend* avoided[] = {freed};
  CHECK_FALSE(acquire(route, 0, avoided));
  CHECK(acquire(route, 0, {}));
}

// Threads take and free one slot as fast as they can; a lost wake-up leaves one of them waiting for
// ever.
TEST_CASE("wait queue: no wake-up is lost between threads") {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20'000;
  Route route;
  route.concurrency = 1;
  route.queue = std::make_shared<WaitQueue>(100);
  route.backends.push_back(std::make_shared<Backend>());
  std::atomic<int> inside{0};
  std::atomic<int> lost{0};
  const auto work = [&] {
    std::mutex mutex;
    std::condition_variable wake;
    bool woken = false;
    for (int round = 0; round < kRounds && lost == 0; ++round) {
      Lease lease;
      if (route.queue->waiting() == 0) lease = acquire(route, 0, {});
      if (!lease) {
        auto ticket = WaitQueue::join(route.queue, [&] {
          const std::lock_guard lock(mutex);
          woken = true;
          wake.notify_one();
        });
        while (!lease && lost == 0) {
          if (ticket->first()) lease = acquire(route, 0, {});
          if (lease) break;
          std::unique_lock lock(mutex);
          if (!wake.wait_for(lock, std::chrono::seconds(20), [&] { return woken; })) lost++;
          woken = false;
        }
      }
      if (inside.fetch_add(1) != 0) lost++; // two hold the one slot
      inside.fetch_sub(1);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back(work);
  for (auto& thread : threads)
    thread.join();
  CHECK(lost == 0);
  CHECK(route.backends[0]->in_flight == 0);
}
