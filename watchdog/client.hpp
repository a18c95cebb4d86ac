// SPDX-License-Identifier: Apache-2.0
// One client's connection: bytes in, bytes out, deadlines. It refuses to know about HTTP.
#pragma once

#include "common/net/asio.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cubeflash::watchdog {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

inline constexpr auto kNever = Clock::time_point::max();

// The point in time that lies `duration` ahead; 0 means never.
Clock::time_point deadline_after(milliseconds duration);

// Shared: a pending timer keeps it alive. One reader and one writer at a time.
class Client : public std::enable_shared_from_this<Client> {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  enum class Read { data, closed, timed_out };

  explicit Client(Socket socket);

  // Appends what arrives, up to `most` bytes, to buffer().
  awaitable<Read> read_more(std::size_t most, Clock::time_point deadline);

  // Makes a read in progress end at `deadline` if that is earlier.
  void hurry_read(Clock::time_point deadline);

  // False when the client is gone. The bytes must outlive the call.
  awaitable<bool>
  write(std::string_view head, std::string_view text = {}, std::string_view body = {});
  awaitable<bool> write_file(int file, std::uint64_t size);

  // The socket is closed at that time, whatever is going on.
  void close_at(Clock::time_point when);
  void close();

  bool is_closed() const { return !socket_.is_open(); }

  // The peer has closed its end, though what it sent before may be unread; false when we closed
  // first.
  bool peer_is_gone();

  // Sends the end of the stream, then reads on for a while: closing a socket with unread bytes
  // resets the connection, and the peer may lose the answer.
  awaitable<void> linger(milliseconds duration);

  boost::beast::flat_buffer& buffer() { return buffer_; }

  // Gives back what a large request made it grow to.
  void trim_buffer();

  // Waiting for a request, not serving one.
  bool idle = true;

 private:
  awaitable<bool> write_vector(iovec* parts, std::size_t count);
  awaitable<bool> wait_writable();
  void arm();
  void on_timer();

  Socket socket_;
  asio::steady_timer timer_;
  Clock::time_point armed_ = kNever;
  Clock::time_point read_until_ = kNever;
  Clock::time_point close_at_ = kNever;
  bool reading_ = false;
  bool timed_out_ = false;
  boost::beast::flat_buffer buffer_;
};

} // namespace cubeflash::watchdog
