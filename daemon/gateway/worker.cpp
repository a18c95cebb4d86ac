// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/worker.hpp"

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "daemon/gateway/client_connection.hpp"
#include "daemon/gateway/wait_queue.hpp"
#include "daemon/http/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <future>

namespace cubeflash::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto kAcceptPause = 100ms;
constexpr auto kSweepInterval = 15s;
constexpr auto kMostIdleTime = 60s; // of a kept connection to an instance
constexpr auto kSuspicion = 1s;
constexpr int kAcceptBurst = 64; // then requests have their turn

void log_problem(std::exception_ptr problem, std::string_view where) {
  if (!problem) return;
  try {
    std::rethrow_exception(problem);
  } catch (const std::exception& error) {
    log_error("gateway: {}: {}", where, error.what());
  }
}

Snapshot make_snapshot(std::shared_ptr<const RouteTable> table) {
  return Snapshot(new std::shared_ptr<const RouteTable>(std::move(table)));
}

} // namespace

Worker::Worker(std::shared_ptr<GatewayShared> shared, std::size_t index, Fd listener)
    : shared_(std::move(shared)), index_(index),
      snapshot_(make_snapshot(std::make_shared<const RouteTable>())), work_(io_.get_executor()),
      listener_(io_, listener.release()), accept_pause_(io_), sweep_timer_(io_) {}

Worker::~Worker() {
  join();
  pool_.clear(); // its sockets belong to io_, which goes first
}

void Worker::start() {
  asio::co_spawn(io_, accept_clients(), [](std::exception_ptr problem) {
    log_problem(problem, "accepting connections");
  });
  asio::co_spawn(io_, sweep(), [](std::exception_ptr problem) {
    log_problem(problem, "closing idle connections");
  });
  thread_ = std::thread([this] { run(); });
}

void Worker::run() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      // Coroutines report to their own border; what arrives here is a defect that must not end the
      // other clients.
      log_error("gateway: thread {}: {}", index_, error.what());
    }
  }
}

void Worker::join() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::await_posted() {
  if (!thread_.joinable()) return;
  std::promise<void> done;
  asio::post(io_, [&done] { done.set_value(); });
  done.get_future().wait();
}

void Worker::publish(std::shared_ptr<const RouteTable> table) {
  asio::post(io_, [this, table = std::move(table)] { apply(table); });
}

void Worker::apply(std::shared_ptr<const RouteTable> table) {
  const Snapshot before = snapshot_;
  snapshot_ = make_snapshot(std::move(table));
  pool_.follow(**snapshot_);
  suspects_.clear(); // their addresses may be somebody else's from now on
  // Whoever waits looks again: an instance came, or its function went.
  for (const auto* routes : {&(*before)->routes, &(*snapshot_)->routes})
    for (const auto& [name, route] : *routes)
      if (route->queue) route->queue->wake_first();
}

void Worker::drain() {
  asio::post(io_, [this] {
    draining_ = true;
    if (listener_.is_open()) {
      accept_waiting(); // the kernel has accepted these already
      listener_.close();
    }
    accept_pause_.cancel();
    for (ClientConnection* client : clients_)
      client->wake();
  });
}

void Worker::abort() {
  asio::post(io_, [this] {
    draining_ = true;
    listener_.close();
    accept_pause_.cancel();
    sweep_timer_.cancel();
    for (ClientConnection* client : clients_)
      client->abort();
  });
}

// False: stop for a while, the limit is reached or descriptors have run out.
bool Worker::accept_waiting() {
  for (int i = 0; i < kAcceptBurst; ++i) {
    if (shared_->connections.load(std::memory_order_relaxed) >= shared_->options.max_connections)
      return false;
    Fd client = accept_client(listener_.native_handle());
    const int problem = errno;
    if (client) {
      begin(std::move(client));
    } else if (problem == EAGAIN) {
      return true;
    } else {
      log_warning("gateway: accepting a connection: {}", errno_text(problem));
      return false;
    }
  }
  return true;
}

awaitable<void> Worker::accept_clients() {
  while (!draining_) {
    const auto [error] =
        co_await listener_.async_wait(asio::posix::stream_descriptor::wait_read, as_tuple);
    if (error) co_return;
    if (accept_waiting() || draining_) continue;
    accept_pause_.expires_after(kAcceptPause);
    co_await accept_pause_.async_wait(as_tuple);
  }
}

void Worker::begin(Fd client) {
  shared_->connections.fetch_add(1, std::memory_order_relaxed);
  open_.fetch_add(1);
  auto connection = std::make_unique<ClientConnection>(*this, client.release());
  ClientConnection* raw = connection.get();
  clients_.insert(raw);
  // The completion handler owns the connection: it outlives its coroutine, whether that ends or is
  // destroyed.
  asio::co_spawn(
      io_, raw->serve(), [this, connection = std::move(connection)](std::exception_ptr problem) {
        log_problem(problem, "serving a connection");
        clients_.erase(connection.get());
        shared_->connections.fetch_sub(1, std::memory_order_relaxed);
        open_.fetch_sub(1);
      });
}

awaitable<void> Worker::sweep() {
  for (;;) {
    sweep_timer_.expires_after(kSweepInterval);
    const auto [error] = co_await sweep_timer_.async_wait(as_tuple);
    if (error) co_return;
    pool_.sweep(kMostIdleTime);
  }
}

void Worker::suspect(const Backend& backend) {
  const auto until = std::chrono::steady_clock::now() + kSuspicion;
  for (Suspect& suspect : suspects_) {
    if (suspect.backend != &backend) continue;
    suspect.until = until;
    return;
  }
  suspects_.push_back({&backend, until});
}

void Worker::append_suspects(std::vector<const Backend*>& out) {
  if (suspects_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(suspects_, [&](const Suspect& suspect) { return suspect.until <= now; });
  for (const Suspect& suspect : suspects_)
    out.push_back(suspect.backend);
}

} // namespace cubeflash::daemon
