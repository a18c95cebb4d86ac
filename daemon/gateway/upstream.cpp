// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/upstream.hpp"

#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "daemon/engine/endpoint.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace cubeflash::daemon {

namespace {

using boost::system::error_code;
using namespace std::chrono_literals;

error_code system_code(int code) {
  return {code, boost::system::system_category()};
}

// Asio's own sockets are inherited by children; these are not.
Fd open_socket(int family) {
  return Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

} // namespace

awaitable<error_code> Upstream::connect(Endpoint endpoint) {
  if (!endpoint.unix_path.empty()) co_return co_await connect_unix(std::move(endpoint));
  co_return co_await connect_tcp(std::move(endpoint));
}

awaitable<error_code> Upstream::connect_unix(Endpoint endpoint) {
  error_code error;
  socket_.assign(asio::local::stream_protocol(), open_socket(AF_UNIX).release(), error);
  if (error) co_return error;
  asio::steady_timer pause(socket_.get_executor());
  for (auto delay = 1ms;; delay = std::min(delay * 2, 50ms)) {
    int code = 0;
    try {
      const ConnectPath path = connect_path(endpoint);
      const asio::local::stream_protocol::endpoint address(path.text());
      if (::connect(
              socket_.native_handle(), address.data(), static_cast<socklen_t>(address.size())) != 0)
        code = errno;
    } catch (const SystemError& failure) {
      code = failure.code();
    } catch (const Error&) {
      code = ECONNREFUSED;
    }
    // EAGAIN: the instance's backlog is full, and no poll tells when it no longer is (unix(7)).
    if (code != EAGAIN) co_return system_code(code);
    pause.expires_after(delay);
    co_await pause.async_wait(as_tuple);
    if (!socket_.is_open()) co_return asio::error::operation_aborted;
  }
}

awaitable<error_code> Upstream::connect_tcp(Endpoint endpoint) {
  error_code error;
  const auto address = asio::ip::make_address(endpoint.host, error);
  if (error) co_return error;
  const asio::ip::tcp::endpoint target(address, endpoint.port);
  Fd fd = open_socket(address.is_v6() ? AF_INET6 : AF_INET);
  if (!fd) co_return system_code(errno);
  const int on = 1;
  (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // a matter of speed only
  socket_.assign(target.protocol(), fd.release(), error);
  if (error) co_return error;
  const auto [failure] = co_await socket_.async_connect(target, as_tuple);
  co_return failure;
}

bool Upstream::send_now(Gather& pieces) {
  return socket_.is_open() && pieces.send_now(socket_.native_handle()) == 0;
}

awaitable<bool> Upstream::send(Gather pieces) {
  for (;;) {
    if (!send_now(pieces)) co_return false;
    if (pieces.empty()) co_return true;
    const auto [error] = co_await socket_.async_wait(Socket::wait_write, as_tuple);
    if (error) co_return false;
  }
}

awaitable<error_code> Upstream::receive() {
  if (!socket_.is_open()) co_return asio::error::operation_aborted;
  if (input_.empty())
    input_.reshape(bulk_ ? kBulkBuffer : input_.capacity());
  else if (input_.tail().size() == 0)
    input_.reshape(input_.size() < input_.capacity() ? input_.capacity() : input_.capacity() * 2);
  const auto [error, count] = co_await socket_.async_read_some(input_.tail(), as_tuple);
  input_.commit(count);
  co_return error;
}

bool Upstream::quiet() {
  char byte = 0;
  return input_.empty() && ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         errno == EAGAIN;
}

void Upstream::rest() {
  bulk_ = false;
  input_.reshape(kSmallBuffer);
  reused = true;
  idle_since = std::chrono::steady_clock::now();
}

void Upstream::close() {
  error_code ignored;
  socket_.close(ignored);
}

} // namespace cubeflash::daemon
