// SPDX-License-Identifier: Apache-2.0
#include "tests/watchdog/http_client.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace cubeflash::test {

namespace {

constexpr std::size_t kKept = 1U << 20U;

void connect_to(const Fd& socket, const sockaddr* address, socklen_t size) {
  const timeval deadline{60, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  if (::connect(socket.get(), address, size) != 0) throw SystemError(errno, "connecting");
}

} // namespace

HttpClient::HttpClient(const std::string& unix_path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
  connect_to(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

HttpClient::HttpClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect_to(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

bool HttpClient::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void HttpClient::send(std::string_view bytes) {
  if (!try_send(bytes)) throw SystemError(errno, "sending");
}

void HttpClient::fill() {
  std::array<char, 65536> piece; // NOLINT(cppcoreguidelines-pro-type-member-init) - recv() fills it
  const auto n = ::recv(socket_.get(), piece.data(), piece.size(), 0);
  if (n < 0) throw SystemError(errno, "receiving");
  if (n == 0) throw Error(ErrorKind::unavailable, "the peer closed the connection");
  buffer_.append(piece.data(), static_cast<std::size_t>(n));
}

Reply HttpClient::read_reply(bool to_head) {
  auto end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    fill();
  Reply reply;
  const auto lines = split(buffer_.substr(0, end), '\n');
  buffer_.erase(0, end + 4);
  reply.status = parse_integer<int>(lines[0].substr(9, 3)).value();
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    reply.headers[to_lower(lines[i].substr(0, colon))] = trim(lines[i].substr(colon + 1));
  }
  if (reply.status == 100 || to_head) return reply;
  const auto length = parse_integer<std::uint64_t>(reply.headers.at("content-length")).value();
  while (reply.body_size < length) {
    if (buffer_.empty()) fill();
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), length - reply.body_size));
    reply.body += buffer_.substr(0, std::min(n, kKept - std::min(kKept, reply.body.size())));
    reply.body_size += n;
    buffer_.erase(0, n);
  }
  return reply;
}

bool HttpClient::is_at_end() {
  if (!buffer_.empty()) return false;
  char byte = 0;
  const auto n = ::recv(socket_.get(), &byte, 1, 0);
  return n == 0 || (n < 0 && errno == ECONNRESET);
}

Reply HttpClient::exchange(std::string_view bytes) {
  send(bytes);
  return read_reply();
}

void HttpClient::half_close() {
  ::shutdown(socket_.get(), SHUT_WR);
}

std::string get(std::string_view target, std::string_view more_headers) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: example\r\n{}\r\n", target, more_headers);
}

std::string post(std::string_view target, std::string_view body, std::string_view more_headers) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: example\r\nContent-Length: {}\r\n{}\r\n{}",
                     target,
                     body.size(),
                     more_headers,
                     body);
}

} // namespace cubeflash::test
