// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/listener.hpp"

#include "common/base/error.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

namespace cubeflash::daemon {

namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address make_address(const std::string& host, std::uint16_t port) {
  Address address;
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.size = sizeof v4;
    return address;
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.size = sizeof v6;
    return address;
  }
  throw Error(ErrorKind::invalid,
              fmt::format("cannot listen on {:?}: not an IP address", host),
              "use 127.0.0.1, 0.0.0.0, ::1 or ::");
}

void enable(int socket, int level, int option) {
  const int on = 1;
  if (::setsockopt(socket, level, option, &on, sizeof on) != 0)
    throw SystemError(errno, "setsockopt");
}

Fd bind_socket(const Address& address, bool share_port) {
  Fd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) throw SystemError(errno, "socket");
  enable(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  if (share_port) enable(socket.get(), SOL_SOCKET, SO_REUSEPORT);
  if (::bind(socket.get(), address.get(), address.size) != 0) throw SystemError(errno, "bind");
  return socket;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    throw SystemError(errno, "getsockname");
  // sin_port and sin6_port lie at the same place.
  sockaddr_in v4{};
  std::memcpy(&v4, &storage, sizeof v4);
  return ntohs(v4.sin_port);
}

Listeners open_listeners(const std::string& host, std::uint16_t port, unsigned count) {
  Listeners listeners;
  listeners.port = port;
  // Without SO_REUSEPORT this fails when anybody listens there already; closed again before the
  // real ones.
  if (port != 0) bind_socket(make_address(host, port), false).reset();
  for (unsigned i = 0; i < count; ++i) {
    Fd socket = bind_socket(make_address(host, listeners.port), true);
    enable(socket.get(), IPPROTO_TCP, TCP_NODELAY); // accepted sockets inherit it
    if (listeners.port == 0) listeners.port = bound_port(socket.get());
    listeners.sockets.push_back(std::move(socket));
  }
  for (const Fd& socket : listeners.sockets)
    if (::listen(socket.get(), SOMAXCONN) != 0) throw SystemError(errno, "listen");
  return listeners;
}

} // namespace

Listeners listen_on(const std::string& host, std::uint16_t port, unsigned count) {
  try {
    return open_listeners(host, port, count);
  } catch (const SystemError& error) {
    throw SystemError(error.code(), "listening on {}:{}", host, port);
  }
}

Fd accept_client(int listener) {
  for (;;) {
    Fd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    // A connection that was aborted while it waited is nobody's error.
    if (client || (errno != EINTR && errno != ECONNABORTED)) return client;
  }
}

std::string peer_name(int socket, bool with_port) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return "unknown";
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return with_port ? fmt::format("{}:{}", text, ntohs(v4.sin_port)) : std::string(text);
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage, sizeof v6);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return with_port ? fmt::format("[{}]:{}", text, ntohs(v6.sin6_port)) : std::string(text);
}

} // namespace cubeflash::daemon
