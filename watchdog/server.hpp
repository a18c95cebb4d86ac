// SPDX-License-Identifier: Apache-2.0
// Accepts connections, counts requests, and ends in order: SIGTERM, health turns bad, no more
// connections, requests in progress finish. Refuses to know what a request does.
#pragma once

#include "common/net/asio.hpp"
#include "watchdog/client.hpp"
#include "watchdog/config.hpp"
#include "watchdog/handler.hpp"
#include "watchdog/health.hpp"
#include "watchdog/listener.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unordered_set>

namespace cubeflash::watchdog {

class Server {
 public:
  // Everything given must outlive the io_context's run.
  Server(asio::io_context& io,
         const Config& config,
         Handler& handler,
         Health& health,
         Listener listener);

  // The io_context runs out of work after SIGTERM or SIGINT, once the server has ended.
  void start();

  const Config& config() const { return config_; }

  Handler& handler() { return handler_; }

  const Health& health() const { return health_; }

  // Requests for the function that are being handled.
  std::size_t& in_flight() { return in_flight_; }

  std::size_t in_flight() const { return in_flight_; }

  bool is_draining() const { return draining_; }

  // For connections: their life, and that of each request.
  void add(Client& client) { clients_.insert(&client); }

  void remove(Client& client) { clients_.erase(&client); }

  void request_began();
  void request_ended();

 private:
  awaitable<void> accept_clients();
  void accept_client(Fd fd);
  awaitable<void> end_on_signal();
  awaitable<void> pause(milliseconds duration);
  awaitable<void> drain();
  void close_clients(bool also_busy);
  void arm_tick();
  void tick();

  asio::io_context& io_;
  const Config& config_;
  Handler& handler_;
  Health& health_;
  int family_;
  asio::posix::stream_descriptor listener_;
  asio::signal_set signals_;
  asio::steady_timer tick_timer_;
  asio::steady_timer event_; // while ending: a pause is over
  std::unordered_set<Client*> clients_;
  std::size_t busy_ = 0;
  std::size_t in_flight_ = 0;
  bool ticking_ = false;
  bool draining_ = false;
  bool impatient_ = false; // a second signal came
};

} // namespace cubeflash::watchdog
