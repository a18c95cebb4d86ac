// SPDX-License-Identifier: Apache-2.0
#include "watchdog/server.hpp"

#include "common/base/time.hpp"
#include "watchdog/connection.hpp"
#include "watchdog/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <exception>
#include <vector>

namespace cubeflash::watchdog {

namespace {

// How late a client that has gone, or an orphan, may be noticed.
constexpr milliseconds kTick{250};
constexpr milliseconds kAcceptBackOff{50};

void report(std::string_view what, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    note("{}: {}", what, error.what());
  }
}

} // namespace

Server::Server(
    asio::io_context& io, const Config& config, Handler& handler, Health& health, Listener listener)
    : io_(io), config_(config), handler_(handler), health_(health), family_(listener.family),
      listener_(io, listener.fd.release()), signals_(io, SIGTERM, SIGINT), tick_timer_(io),
      event_(io) {}

void Server::start() {
  asio::co_spawn(io_, accept_clients(), [](std::exception_ptr failure) {
    report("accepting connections", failure);
  });
  asio::co_spawn(
      io_, end_on_signal(), [](std::exception_ptr failure) { report("ending", failure); });
}

awaitable<void> Server::accept_clients() {
  while (listener_.is_open()) {
    Fd fd(::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) {
      accept_client(std::move(fd));
    } else if (errno == EAGAIN) {
      const auto [failure] =
          co_await listener_.async_wait(asio::posix::stream_descriptor::wait_read, as_tuple);
      if (failure) co_return;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      asio::steady_timer back_off(io_, kAcceptBackOff);
      co_await back_off.async_wait(as_tuple);
    }
  }
}

void Server::accept_client(Fd fd) {
  const asio::generic::stream_protocol protocol(family_, family_ == AF_UNIX ? 0 : IPPROTO_TCP);
  auto client = std::make_shared<Client>(Client::Socket(io_, protocol, fd.release()));
  asio::co_spawn(io_, serve_connection(std::move(client), *this), [](std::exception_ptr failure) {
    report("serving a connection", failure);
  });
}

void Server::request_began() {
  ++busy_;
  arm_tick();
}

void Server::request_ended() {
  if (--busy_ == 0 && draining_) event_.cancel();
}

void Server::arm_tick() {
  if (ticking_) return;
  ticking_ = true;
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](boost::system::error_code failure) {
    ticking_ = false;
    if (!failure) tick();
  });
}

void Server::tick() {
  const bool work_left = handler_.tick();
  const bool all_written = flush_notes();
  if (busy_ > 0 || work_left || !all_written) arm_tick();
}

awaitable<void> Server::end_on_signal() {
  const auto [failure, number] = co_await signals_.async_wait(as_tuple);
  if (failure) co_return;
  signals_.async_wait([this](boost::system::error_code again, int) {
    if (again) return;
    impatient_ = true;
    event_.cancel();
  });
  health_.stop_accepting();
  note("{} received.. shutting down server in {}",
       number == SIGTERM ? "SIGTERM" : "SIGINT",
       format_duration(config_.healthcheck_interval));
  co_await pause(config_.healthcheck_interval);
  co_await drain();
  signals_.cancel();
  tick_timer_.cancel();
}

awaitable<void> Server::pause(milliseconds duration) {
  if (impatient_ || duration.count() == 0) co_return;
  event_.expires_after(duration);
  co_await event_.async_wait(as_tuple);
}

awaitable<void> Server::drain() {
  draining_ = true;
  listener_.close();
  note("No new connections allowed, draining: {} requests", busy_);
  close_clients(false);
  if (busy_ > 0) {
    constexpr milliseconds kUnlimited = std::chrono::hours(24 * 365);
    co_await pause(config_.write_timeout.count() == 0 ? kUnlimited : config_.write_timeout);
  }
  if (busy_ > 0) note("Ending {} requests that did not finish in time", busy_);
  handler_.end_calls();
  close_clients(true);
  note("Exiting.");
}

void Server::close_clients(bool also_busy) {
  const std::vector<Client*> clients(clients_.begin(), clients_.end());
  for (auto* client : clients)
    if (also_busy || client->idle) client->close();
}

} // namespace cubeflash::watchdog
