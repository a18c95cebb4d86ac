// SPDX-License-Identifier: Apache-2.0
#include "watchdog/client.hpp"

#include "watchdog/request.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cubeflash::watchdog {

namespace {

// A whole header, and a read beyond it.
constexpr std::size_t kBufferLimit = Request::kHeaderLimit + 128 * 1024;

} // namespace

Clock::time_point deadline_after(milliseconds duration) {
  return duration.count() == 0 ? kNever : Clock::now() + duration;
}

Client::Client(Socket socket)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), buffer_(kBufferLimit) {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  const int on = 1; // a unix socket refuses it, which does not matter
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

awaitable<Client::Read> Client::read_more(std::size_t most, Clock::time_point deadline) {
  if (is_closed() || buffer_.size() + most > kBufferLimit) co_return Read::closed;
  timed_out_ = false;
  reading_ = true;
  read_until_ = deadline;
  arm();
  const auto [failure, n] = co_await socket_.async_read_some(buffer_.prepare(most), as_tuple);
  reading_ = false;
  read_until_ = kNever;
  buffer_.commit(n);
  if (!failure) co_return Read::data;
  co_return timed_out_ ? Read::timed_out : Read::closed;
}

void Client::hurry_read(Clock::time_point deadline) {
  if (!reading_ || deadline >= read_until_) return;
  read_until_ = deadline;
  arm();
}

awaitable<bool> Client::write(std::string_view head, std::string_view text, std::string_view body) {
  std::array<iovec, 3> parts{};
  std::size_t count = 0;
  for (const auto part : {head, text, body})
    if (!part.empty()) parts[count++] = {const_cast<char*>(part.data()), part.size()};
  co_return co_await write_vector(parts.data(), count);
}

awaitable<bool> Client::write_vector(iovec* parts, std::size_t count) {
  while (count > 0 && !is_closed()) {
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    const auto n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN || !co_await wait_writable()) co_return false;
      continue;
    }
    auto sent = static_cast<std::size_t>(n);
    while (count > 0 && sent >= parts->iov_len) {
      sent -= parts->iov_len;
      ++parts;
      --count;
    }
    if (count == 0) break;
    parts->iov_base = static_cast<char*>(parts->iov_base) + sent;
    parts->iov_len -= sent;
  }
  co_return count == 0;
}

awaitable<bool> Client::write_file(int file, std::uint64_t size) {
  constexpr std::uint64_t kPiece = 1U << 20U;
  off_t offset = 0;
  while (static_cast<std::uint64_t>(offset) < size && !is_closed()) {
    const auto want = std::min<std::uint64_t>(size - static_cast<std::uint64_t>(offset), kPiece);
    const auto n = ::sendfile(socket_.native_handle(), file, &offset, want);
    if (n > 0 || (n < 0 && errno == EINTR)) continue;
    if (n == 0 || errno != EAGAIN || !co_await wait_writable()) co_return false;
  }
  co_return static_cast<std::uint64_t>(offset) == size;
}

awaitable<bool> Client::wait_writable() {
  const auto [failure] = co_await socket_.async_wait(Socket::wait_write, as_tuple);
  co_return !failure && !is_closed();
}

void Client::close_at(Clock::time_point when) {
  close_at_ = when;
  arm();
}

void Client::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  close_at_ = read_until_ = armed_ = kNever;
}

bool Client::peer_is_gone() {
  if (is_closed()) return false;
  pollfd wait{socket_.native_handle(), POLLRDHUP, 0};
  return ::poll(&wait, 1, 0) > 0;
}

void Client::trim_buffer() {
  if (buffer_.capacity() > 16 * 1024) buffer_.shrink_to_fit();
}

awaitable<void> Client::linger(milliseconds duration) {
  if (is_closed()) co_return;
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  const auto deadline = Clock::now() + duration;
  while (Clock::now() < deadline) {
    buffer_.clear();
    const auto read = co_await read_more(65536, deadline);
    if (read != Read::data) break;
  }
}

// Deadlines move on with every read, the timer only when it rings too late: most reads cost it
// nothing.
void Client::arm() {
  const auto next = std::min(read_until_, close_at_);
  if (next >= armed_) return;
  armed_ = next;
  timer_.expires_at(next);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (!failure) self->on_timer();
  });
}

void Client::on_timer() {
  armed_ = kNever;
  if (is_closed()) return;
  const auto now = Clock::now();
  if (now >= close_at_) {
    close();
    return;
  }
  if (now >= read_until_) {
    read_until_ = kNever;
    timed_out_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  arm();
}

} // namespace cubeflash::watchdog
