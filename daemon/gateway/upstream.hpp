// SPDX-License-Identifier: Apache-2.0
// One connection to an instance, over a unix socket or TCP. It refuses to know HTTP.
#pragma once

#include "common/net/asio.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/http/gather.hpp"
#include "daemon/http/input_buffer.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>

namespace cubeflash::daemon {

class Upstream {
 public:
  explicit Upstream(asio::io_context& io) : socket_(io) {}

  // Whoever needs a deadline closes it from outside. The error says why the instance does not
  // accept.
  awaitable<boost::system::error_code> connect(Endpoint endpoint);

  // Sends all. Try send_now() first: it suspends nothing. False: broken or closed.
  bool send_now(Gather& pieces);
  awaitable<bool> send(Gather pieces);

  // The next bytes, behind those in input(). eof when the instance closed its side.
  awaitable<boost::system::error_code> receive();

  InputBuffer& input() { return input_; }

  // Makes room for a streamed answer from the next receive() on.
  void expect_bulk() { bulk_ = true; }

  // Still open and silent, as a kept connection must be before it is used again.
  bool quiet();

  // Before it goes to rest: gives the large buffer back.
  void rest();

  void close();

  bool open() const { return socket_.is_open(); }

  bool reused = false; // has served a request before
  std::chrono::steady_clock::time_point idle_since{};

 private:
  using Socket =
      asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

  awaitable<boost::system::error_code> connect_unix(Endpoint endpoint);
  awaitable<boost::system::error_code> connect_tcp(Endpoint endpoint);

  Socket socket_;
  InputBuffer input_;
  bool bulk_ = false;
};

} // namespace cubeflash::daemon
