// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/wire.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace cubeflash::test {

namespace {

constexpr int kPatienceMs = 10'000;

bool poll_for(int fd, short events, int timeout_ms) {
  pollfd entry{fd, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

} // namespace

int Message::status() const {
  if (start.size() < 12) throw Error(ErrorKind::failed, "no status line: " + start);
  return parse_integer<int>(std::string_view(start).substr(9, 3)).value_or(-1);
}

std::string Message::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::size_t Message::count(std::string_view name) const {
  std::size_t found = 0;
  for (const auto& [key, value] : headers)
    if (key == name) ++found;
  return found;
}

Wire Wire::to_port(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw SystemError(errno, "connecting to port {}", port);
  return Wire(std::move(socket));
}

bool Wire::try_send(std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!poll_for(socket_.get(), POLLOUT, kPatienceMs))
        throw Error(ErrorKind::timeout, "the peer takes nothing");
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void Wire::send(std::string_view text) {
  if (!try_send(text)) throw Error(ErrorKind::unavailable, "the peer is gone");
}

std::size_t Wire::fill(bool* reset) {
  if (!poll_for(socket_.get(), POLLIN, kPatienceMs))
    throw Error(ErrorKind::timeout, "nothing came");
  char bytes[65536];
  const auto count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
  if (count < 0) {
    if (reset) *reset = errno == ECONNRESET;
    return 0;
  }
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return static_cast<std::size_t>(count);
}

std::string Wire::read_some() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, {});
}

std::string Wire::read_exactly(std::size_t count) {
  while (buffer_.size() < count && fill() != 0) {
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

std::string Wire::read_to_end(bool* reset) {
  while (fill(reset) != 0) {
  }
  return std::exchange(buffer_, {});
}

std::string Wire::read_line() {
  for (;;) {
    const auto end = buffer_.find("\r\n");
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return line;
    }
    if (fill() == 0) return {};
  }
}

Message Wire::read_head() {
  Message message;
  message.start = read_line();
  if (message.start.empty()) {
    message.whole = false;
    return message;
  }
  for (std::string line = read_line(); !line.empty(); line = read_line()) {
    const auto colon = line.find(':');
    message.headers.emplace_back(to_lower(line.substr(0, colon)),
                                 std::string(trim(std::string_view(line).substr(colon + 1))));
  }
  return message;
}

std::string Wire::read_chunk() {
  const auto line = read_line();
  if (line.empty()) throw Error(ErrorKind::unavailable, "the chunks broke off");
  const auto size = std::stoul(line, nullptr, 16);
  std::string data = read_exactly(size);
  if (data.size() != size) throw Error(ErrorKind::unavailable, "a chunk broke off");
  if (read_exactly(2) != "\r\n") throw Error(ErrorKind::failed, "no line break after a chunk");
  return data;
}

void Wire::read_body(Message& message, bool to_head) {
  const bool answer = message.start.starts_with("HTTP/");
  const int status = answer ? message.status() : 0;
  if (to_head || status == 204 || status == 304 || (answer && status / 100 == 1)) return;
  if (message.header("transfer-encoding") == "chunked") {
    try {
      for (auto data = read_chunk(); !data.empty(); data = read_chunk())
        message.body += data;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) throw;
      message.whole = false;
    }
  } else if (message.count("content-length") != 0) {
    const auto size = std::stoul(message.header("content-length"));
    message.body = read_exactly(size);
    message.whole = message.body.size() == size;
  } else if (answer) {
    bool reset = false;
    message.body = read_to_end(&reset);
    message.whole = !reset;
  }
}

Message Wire::read_message(bool to_head) {
  Message message = read_head();
  if (message.whole) read_body(message, to_head);
  return message;
}

bool Wire::readable_within(std::chrono::milliseconds limit) {
  return !buffer_.empty() || poll_for(socket_.get(), POLLIN, static_cast<int>(limit.count()));
}

bool Wire::closed_within(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !poll_for(socket_.get(), POLLIN, static_cast<int>(left.count())))
      return false;
    if (fill() == 0) return true;
  }
}

void Wire::half_close() {
  ::shutdown(socket_.get(), SHUT_WR);
}

void Wire::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket_.reset();
}

std::string chunk(std::string_view data) {
  return fmt::format("{:x}\r\n{}\r\n", data.size(), data);
}

} // namespace cubeflash::test
