// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/upstream_pool.hpp"

#include <algorithm>

namespace cubeflash::daemon {

namespace {

constexpr std::size_t kMostIdle = 256; // connections to one instance

} // namespace

std::unique_ptr<Upstream> UpstreamPool::take(const Backend& backend) {
  const auto found = idle_.find(&backend);
  if (found == idle_.end()) return nullptr;
  auto& connections = found->second.connections;
  while (!connections.empty()) {
    auto upstream = std::move(connections.back());
    connections.pop_back();
    if (upstream->quiet()) return upstream;
  }
  return nullptr;
}

void UpstreamPool::give_back(const Backend& backend, std::unique_ptr<Upstream> upstream) {
  const auto found = idle_.find(&backend);
  if (found == idle_.end() || found->second.connections.size() >= kMostIdle) return;
  upstream->rest();
  found->second.connections.push_back(std::move(upstream));
}

void UpstreamPool::follow(const RouteTable& table) {
  std::unordered_map<const Backend*, Idle> kept;
  for (const auto& [key, route] : table.routes) {
    for (const auto& backend : route->backends) {
      if (kept.contains(backend.get())) continue; // both keys of a function name it
      auto& idle = kept[backend.get()];
      idle.backend = backend;
      const auto found = idle_.find(backend.get());
      if (found != idle_.end()) idle.connections = std::move(found->second.connections);
    }
  }
  idle_ = std::move(kept);
}

void UpstreamPool::sweep(std::chrono::seconds idle) {
  const auto limit = std::chrono::steady_clock::now() - idle;
  for (auto& [backend, entry] : idle_) {
    auto& connections = entry.connections;
    const auto fresh =
        std::find_if(connections.begin(), connections.end(), [&](const auto& upstream) {
          return upstream->idle_since > limit;
        });
    connections.erase(connections.begin(), fresh);
  }
}

} // namespace cubeflash::daemon
