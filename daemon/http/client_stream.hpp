// SPDX-License-Identifier: Apache-2.0
// One client's connection: reads ahead into a bounded buffer at all times, so that a client that
// leaves is noticed while its answer is still being made; sends with a deadline. It refuses to know
// what is asked and answered.
#pragma once

#include "common/net/asio.hpp"
#include "daemon/http/deadlines.hpp"
#include "daemon/http/gather.hpp"
#include "daemon/http/input_buffer.hpp"
#include "daemon/http/signal.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace cubeflash::daemon {

class ClientStream {
 public:
  using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

  // `event` is told of every change: bytes came, the client left, a deadline passed. `stall_limit`
  // bounds the time in which a client takes nothing of what is sent.
  ClientStream(asio::io_context& io,
               int socket,
               std::chrono::milliseconds stall_limit,
               std::shared_ptr<Signal> event);

  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  // Begins to read ahead.
  void start() { read_ahead(); }

  // Content stays where it is until consume(), reshape() or rest() is called.
  std::string_view input() const { return input_.view(); }

  char* input_data() { return input_.data(); }

  bool input_full() const { return !reading_ && input_.size() == input_.capacity(); }

  std::size_t input_capacity() const { return input_.capacity(); }

  void consume(std::size_t count);

  // Before waiting for more without holding a view: lets reading go on when the content has reached
  // the buffer's end.
  void make_room();

  // More space for a head that does not fit; only when input_full().
  void grow(std::size_t capacity);

  // What is read from now on comes in small or in large pieces; takes effect when the buffer next
  // runs empty.
  void expect_bulk() { wanted_capacity_ = kBulkBuffer; }

  // Gives the large buffer back before the connection idles.
  awaitable<void> rest();

  // The client closed its side or the connection broke: nobody waits for an answer any more.
  bool ended() const { return ended_; }

  Deadlines& deadlines() { return deadlines_; }

  // Sends all of it; false when the client has left or takes nothing any more. Try send_now()
  // first: it suspends nothing.
  bool send_now(Gather& pieces);
  awaitable<bool> send(Gather pieces);

  // Who else is to know of every change, on this thread, for the time of one request; it must not
  // wait. Empty: nobody.
  void set_observer(std::function<void()> observer) { observer_ = std::move(observer); }

  // Closes at once; with a reset when `reset`, so that an answer cut off in the middle cannot pass
  // for a whole one.
  void abort(bool reset = false);

  // Ends the connection; when `linger`, after the client has read the answer or a short while: a
  // close with unread input would reset the connection and could destroy the answer on its way.
  awaitable<void> close(bool linger);

  bool aborted() const { return aborted_; }

 private:
  void read_ahead();
  void on_read(boost::system::error_code error, std::size_t count);
  void changed();

  Socket socket_;
  std::shared_ptr<Signal> event_;
  std::function<void()> observer_;
  Deadlines deadlines_;
  std::chrono::milliseconds stall_limit_;
  InputBuffer input_;
  std::size_t wanted_capacity_ = kSmallBuffer;
  bool reading_ = false;
  bool held_ = false; // no read-ahead while the buffer is exchanged
  bool ended_ = false;
  bool aborted_ = false;
};

} // namespace cubeflash::daemon
