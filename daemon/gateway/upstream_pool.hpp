// SPDX-License-Identifier: Apache-2.0
// One thread's idle connections to instances. It refuses to know who may use them.
#pragma once

#include "daemon/gateway/route_table.hpp"
#include "daemon/gateway/upstream.hpp"

#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

namespace cubeflash::daemon {

class UpstreamPool {
 public:
  // The one used last, if any is alive; nullptr: connect.
  std::unique_ptr<Upstream> take(const Backend& backend);

  // Keeps it for the next request; closes it when the instance is no longer routed to or has
  // enough.
  void give_back(const Backend& backend, std::unique_ptr<Upstream> upstream);

  // A new snapshot: connections to instances outside it are closed.
  void follow(const RouteTable& table);

  // Closes what has been idle for that long.
  void sweep(std::chrono::seconds idle);

  void clear() { idle_.clear(); }

 private:
  struct Idle {
    std::shared_ptr<Backend> backend;                   // so that the address stays its own
    std::vector<std::unique_ptr<Upstream>> connections; // longest idle first
  };

  std::unordered_map<const Backend*, Idle> idle_;
};

} // namespace cubeflash::daemon
