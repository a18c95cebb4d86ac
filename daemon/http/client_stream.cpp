// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client_stream.hpp"

#include "daemon/http/listener.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace cubeflash::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto kLingerTime = 2s;
constexpr std::size_t kLingerBytes = 4U << 20U;

asio::ip::tcp family_of(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size);
  return storage.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
}

} // namespace

ClientStream::ClientStream(asio::io_context& io,
                           int socket,
                           std::chrono::milliseconds stall_limit,
                           std::shared_ptr<Signal> event)
    : socket_(io, family_of(socket), socket), event_(std::move(event)),
      deadlines_(io, [this] { changed(); }), stall_limit_(stall_limit) {}

void ClientStream::changed() {
  if (deadlines_.expired(Limit::send)) abort(true);
  if (observer_) observer_();
  event_->notify();
}

void ClientStream::read_ahead() {
  if (reading_ || ended_ || held_) return;
  const auto room = input_.tail();
  if (room.size() == 0) return; // consume() goes on
  reading_ = true;
  socket_.async_read_some(
      room, [this](boost::system::error_code error, std::size_t count) { on_read(error, count); });
}

void ClientStream::on_read(boost::system::error_code error, std::size_t count) {
  reading_ = false;
  if (error == asio::error::operation_aborted && !aborted_) {
    // rest() stopped it
  } else if (error) {
    ended_ = true;
  } else {
    input_.commit(count);
    read_ahead();
  }
  changed();
}

void ClientStream::consume(std::size_t count) {
  input_.consume(count);
  if (reading_) return;
  // Nothing is under way and the caller holds no view: the time to move.
  if (input_.empty())
    input_.reshape(std::max(wanted_capacity_, input_.capacity()));
  else if (input_.tail().size() < input_.capacity() / 4)
    input_.reshape(input_.capacity());
  read_ahead();
}

void ClientStream::make_room() {
  if (reading_ || ended_ || input_.tail().size() != 0) return;
  input_.reshape(input_.capacity());
  read_ahead();
}

void ClientStream::grow(std::size_t capacity) {
  input_.reshape(capacity);
  read_ahead();
}

awaitable<void> ClientStream::rest() {
  wanted_capacity_ = kSmallBuffer;
  if (input_.capacity() == kSmallBuffer || input_.size() > kSmallBuffer) co_return;
  held_ = true;
  if (reading_) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    while (reading_)
      co_await event_->wait();
  }
  held_ = false;
  input_.reshape(kSmallBuffer);
  read_ahead();
}

bool ClientStream::send_now(Gather& pieces) {
  if (aborted_) return false;
  return pieces.send_now(socket_.native_handle()) == 0;
}

awaitable<bool> ClientStream::send(Gather pieces) {
  for (;;) {
    if (!send_now(pieces)) break;
    if (pieces.empty()) {
      deadlines_.clear(Limit::send);
      co_return true;
    }
    deadlines_.set(Limit::send, Deadlines::Clock::now() + stall_limit_);
    const auto [error] = co_await socket_.async_wait(Socket::wait_write, as_tuple);
    if (error) break;
  }
  deadlines_.clear(Limit::send);
  co_return false;
}

void ClientStream::abort(bool reset) {
  if (aborted_) return;
  aborted_ = true;
  boost::system::error_code ignored;
  if (reset) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  if (!reading_) ended_ = true;
  event_->notify();
}

awaitable<void> ClientStream::close(bool linger) {
  if (linger && !ended_ && !aborted_) {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    deadlines_.set(Limit::receive, Deadlines::Clock::now() + kLingerTime);
    std::size_t dropped = 0;
    while (!ended_ && !deadlines_.expired(Limit::receive) && dropped < kLingerBytes) {
      dropped += input().size();
      consume(input().size());
      co_await event_->wait();
    }
  }
  abort();
  deadlines_.stop();
  while (reading_ || deadlines_.busy())
    co_await event_->wait();
}

} // namespace cubeflash::daemon
