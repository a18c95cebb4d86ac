// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/instance.hpp"

#include "common/base/error.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <filesystem>

namespace cubeflash::test {

namespace {

Fd listen_unix(const std::string& path) {
  // Through the directory's descriptor: the path may be longer than sun_path.
  const std::filesystem::path whole(path);
  const Fd directory = open_file(whole.parent_path(), O_PATH | O_DIRECTORY);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string reachable =
      fmt::format("/proc/self/fd/{}/{}", directory.get(), whole.filename().string());
  reachable.copy(address.sun_path, sizeof address.sun_path - 1);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw SystemError(errno, "binding {}", path);
  return socket;
}

Fd listen_tcp(std::uint16_t& port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw SystemError(errno, "binding a port");
  port = ntohs(address.sin_port);
  return socket;
}

} // namespace

Instance::Instance(Script script, std::string path) : script_(std::move(script)) {
  if (path.empty()) {
    endpoint_.host = "127.0.0.1";
    listener_ = listen_tcp(endpoint_.port);
  } else {
    endpoint_.unix_path = path;
    listener_ = listen_unix(path);
  }
  if (::listen(listener_.get(), 512) != 0) throw SystemError(errno, "listen");
  acceptor_ = std::thread([this] { accept_loop(); });
}

Instance::~Instance() {
  stop();
}

void Instance::accept_loop() {
  for (;;) {
    const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(socket);
      return;
    }
    connections_++;
    open_.push_back(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void Instance::serve(int socket) {
  Wire wire{Fd(socket)};
  try {
    for (;;) {
      // An idle kept connection may rest for long: no deadline here.
      pollfd entry{socket, POLLIN, 0};
      ::poll(&entry, 1, -1);
      Message request = wire.read_head();
      if (!request.whole) break;
      requests_++;
      if (!script_(wire, request)) break;
    }
  } catch (const std::exception&) {
    // The gateway went away, as many tests want it to.
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket); // before the number can be somebody else's
  wire.close();
}

void Instance::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    for (const int socket : open_)
      ::shutdown(socket, SHUT_RDWR);
  }
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  listener_.reset();
  for (auto& thread : threads_)
    thread.join();
  if (!endpoint_.unix_path.empty()) std::filesystem::remove(endpoint_.unix_path);
}

std::string ok(std::string_view body, std::string_view more_headers) {
  return fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), more_headers, body);
}

bool echo(Wire& wire, Message& request) {
  wire.read_body(request);
  std::string text = request.start + "\n";
  for (const auto& [name, value] : request.headers)
    text += name + ": " + value + "\n";
  const bool head = request.start.starts_with("HEAD ");
  const std::string answer = ok(text + "\n" + request.body, "Content-Type: text/x-echo\r\n");
  wire.send(head ? answer.substr(0, answer.find("\r\n\r\n") + 4) : answer);
  return true;
}

} // namespace cubeflash::test
