// SPDX-License-Identifier: Apache-2.0
// One data-plane thread and what belongs to it alone: its event loop, listener, clients,
// connections to instances and view of the routes. It refuses to know what a request means.
#pragma once

#include "common/base/fd.hpp"
#include "daemon/gateway/call_heads.hpp"
#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/upstream_pool.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/smart_ptr/local_shared_ptr.hpp>

#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace cubeflash::daemon {

class ClientConnection;

// Shared by all workers of a gateway.
struct GatewayShared {
  GatewayOptions options;
  asio::any_io_executor control;
  std::shared_ptr<const RequestHandler> handler;
  std::atomic<std::size_t> connections{0};
};

// Counted without atomics: a snapshot's holders are requests of one thread.
using Snapshot = boost::local_shared_ptr<const std::shared_ptr<const RouteTable>>;

class Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(std::shared_ptr<GatewayShared> shared, std::size_t index, Fd listener);
  ~Worker();

  // From any thread.
  void start();
  void publish(std::shared_ptr<const RouteTable> table);
  void drain();        // no new connections, idle ones end
  void abort();        // every connection ends now
  void await_posted(); // until what was posted before has run; from another thread than this one
  void join();         // stops the loop

  std::size_t connections() const { return open_.load(); }

  // On this thread.
  asio::io_context& io() { return io_; }

  std::size_t index() const { return index_; }

  const GatewayShared& shared() const { return *shared_; }

  const Snapshot& snapshot() const { return snapshot_; }

  UpstreamPool& pool() { return pool_; }

  CallIds& call_ids() { return call_ids_; }

  const bool& draining() const { return draining_; }

  std::uint32_t rotation() { return rotation_++; }

  // Instances that lately refused connections; usually none.
  void suspect(const Backend& backend);
  void append_suspects(std::vector<const Backend*>& out);

 private:
  struct Suspect {
    const Backend* backend;
    std::chrono::steady_clock::time_point until;
  };

  void run();
  awaitable<void> accept_clients();
  bool accept_waiting();
  void begin(Fd client);
  awaitable<void> sweep();
  void apply(std::shared_ptr<const RouteTable> table);

  std::shared_ptr<GatewayShared> shared_;
  const std::size_t index_;
  Snapshot snapshot_;
  UpstreamPool pool_;
  CallIds call_ids_;
  std::vector<Suspect> suspects_;
  std::set<ClientConnection*> clients_;
  std::atomic<std::size_t> open_{0};
  std::uint32_t rotation_ = 0;
  bool draining_ = false;
  std::thread thread_;
  asio::io_context io_{1}; // after all that its coroutines' frames refer to
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::posix::stream_descriptor listener_;
  asio::steady_timer accept_pause_;
  asio::steady_timer sweep_timer_;
};

} // namespace cubeflash::daemon
