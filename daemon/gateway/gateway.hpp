// SPDX-License-Identifier: Apache-2.0
// The data plane: listens, serves /function/ from the route table, hands everything else to the
// management API's handler. N threads, each with its own io_context, SO_REUSEPORT listener,
// connections to instances and copy of the snapshot pointer; a request takes no lock unless it has
// to wait for an instance.
#pragma once

#include "daemon/gateway/route_table.hpp"
#include "daemon/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace cubeflash::daemon {

struct GatewayOptions {
  std::string host = "127.0.0.1"; // an address, IPv4 or IPv6
  std::uint16_t port = 8080;      // 0: the kernel chooses, port() tells
  unsigned threads = 0;           // 0: one a core
  std::size_t max_header_bytes = 1U << 20;
  std::size_t max_connections = 20'000;   // over all threads; beyond it accepting waits
  milliseconds header_timeout{30'000};    // a whole header
  milliseconds idle_timeout{75'000};      // keep-alive without a request
  milliseconds body_idle_timeout{60'000}; // a peer that neither sends nor reads
  milliseconds drain_grace{30'000};       // SIGTERM to the last answer
};

class Gateway {
 public:
  // Binds; throws SystemError(EADDRINUSE, ...) and the like, naming the address. `handler` is run
  // on `control`.
  Gateway(GatewayOptions options, asio::any_io_executor control, RequestHandler handler);
  ~Gateway(); // stops at once

  void start();
  std::uint16_t port() const;
  unsigned threads() const;

  // Replaces the snapshot on every thread. Control thread.
  void publish(std::shared_ptr<const RouteTable> table);

  // A queue for a new function's waiting requests.
  std::shared_ptr<WaitQueue> make_wait_queue(std::size_t max_waiting = 1'000);

  // /healthz turns 503, listeners close, keep-alive ends with the running answer; blocks until the
  // last one or the grace. Not on the control thread: the answers may need it.
  void drain();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace cubeflash::daemon
