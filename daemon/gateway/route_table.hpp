// SPDX-License-Identifier: Apache-2.0
// What the data plane knows: for every function its ready instances, limits and counters, as an
// immutable snapshot that the control plane replaces. It refuses to know how instances come to be.
#pragma once

#include "common/model/function_spec.hpp"
#include "daemon/engine/engine.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cubeflash::daemon {

class WaitQueue; // gateway/wait_queue.hpp

// One ready instance. Lives as long as any snapshot or request that names it.
struct Backend {
  std::string instance;
  Endpoint endpoint;
  // Requests on it now, over all threads; least-in-flight and `concurrency` read it.
  std::atomic<std::uint32_t> in_flight{0};
};

// Counters of one function; shared by all its routes over time. A slot a thread, summed when read.
class FunctionStats {
 public:
  explicit FunctionStats(std::size_t threads) : slots_(threads) {}

  void count_invocation(std::size_t thread) {
    slots_[thread].invocations.fetch_add(1,
                                         std::memory_order_relaxed); // this thread's own cache line
  }

  std::uint64_t invocations() const {
    std::uint64_t sum = 0;
    for (const auto& slot : slots_)
      sum += slot.invocations.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> invocations{0};
  };

  std::vector<Slot> slots_;
};

struct Route {
  FunctionName name;
  milliseconds timeout{kDefaultTimeout}; // for one call, waiting included
  std::uint32_t concurrency = 0;         // calls one instance takes at once; 0: no limit
  bool wanted = true;  // false: scaled to 0, a call is a 503 at once instead of a wait
  std::string problem; // why no instance is ready, for the 503's body; "" when unknown
  std::vector<std::shared_ptr<Backend>> backends; // ready ones
  std::shared_ptr<WaitQueue> queue;               // the same over all snapshots
  std::shared_ptr<FunctionStats> stats;           // the same over all snapshots
};

struct TextHash {
  using is_transparent = void;

  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

struct RouteTable {
  // Keyed by "NAME.NS" and, in the default namespace, by "NAME" as well.
  std::unordered_map<std::string, std::shared_ptr<const Route>, TextHash, std::equal_to<>> routes;
};

} // namespace cubeflash::daemon
