// SPDX-License-Identifier: Apache-2.0
#include "watchdog/listener.hpp"

#include "common/base/error.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace cubeflash::watchdog {

namespace {

Fd open_socket(int family) {
  return Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

std::uint16_t bound_port(const Fd& fd) {
  sockaddr_in6 address{}; // the port is at the same place as in sockaddr_in
  socklen_t size = sizeof address;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw SystemError(errno, "getsockname");
  return ntohs(address.sin6_port);
}

void remove_stale_socket(const std::string& path) {
  struct stat found {};

  if (::lstat(path.c_str(), &found) != 0) return;
  if (!S_ISSOCK(found.st_mode))
    throw Error(ErrorKind::conflict,
                fmt::format("listening on {}: a file that is no socket is there", path));
  if (::unlink(path.c_str()) != 0) throw SystemError(errno, "removing the stale socket {}", path);
}

} // namespace

Listener listen_on_port(std::uint16_t port) {
  Listener listener;
  const int on = 1;
  const int off = 0;
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  listener.fd = open_socket(AF_INET6);
  listener.family = AF_INET6;
  bool bound = false;
  int code = 0;
  if (listener.fd) {
    ::setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(listener.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    bound = ::bind(listener.fd.get(), reinterpret_cast<sockaddr*>(&six), sizeof six) == 0;
    code = errno;
  }
  // A host without IPv6.
  if (!bound && (!listener.fd || code == EADDRNOTAVAIL || code == EAFNOSUPPORT)) {
    listener.fd = open_socket(AF_INET);
    listener.family = AF_INET;
    if (!listener.fd) throw SystemError(errno, "opening a TCP socket");
    ::setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bound = ::bind(listener.fd.get(), reinterpret_cast<sockaddr*>(&four), sizeof four) == 0;
    code = errno;
  }
  if (!bound) throw SystemError(code, "listening on port {}", port);
  if (::listen(listener.fd.get(), SOMAXCONN) != 0)
    throw SystemError(errno, "listening on port {}", port);
  listener.name = fmt::format("port: {}", bound_port(listener.fd));
  return listener;
}

Listener listen_on_path(const std::string& path) {
  remove_stale_socket(path);
  Listener listener;
  listener.fd = open_socket(AF_UNIX);
  if (!listener.fd) throw SystemError(errno, "opening a unix socket");
  listener.family = AF_UNIX;
  listener.name = "unix: " + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string name = path;
  Fd directory;
  if (name.size() >= sizeof address.sun_path) {
    const std::filesystem::path whole(path);
    const auto parent = whole.has_parent_path() ? whole.parent_path() : std::filesystem::path(".");
    directory = open_file(parent, O_PATH | O_DIRECTORY);
    name = fmt::format("/proc/self/fd/{}/{}", directory.get(), whole.filename().string());
  }
  if (name.size() >= sizeof address.sun_path)
    throw SystemError(ENAMETOOLONG, "listening on {}", path);
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  if (::bind(listener.fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw SystemError(errno, "listening on {}", path);
  if (::chmod(path.c_str(), 0666) != 0) throw SystemError(errno, "opening {} to all", path);
  if (::listen(listener.fd.get(), SOMAXCONN) != 0)
    throw SystemError(errno, "listening on {}", path);
  return listener;
}

} // namespace cubeflash::watchdog
