// SPDX-License-Identifier: Apache-2.0
// HTTP by hand for tests: one blocking connection, used by clients and by the instances they reach.
// Every wait ends after ten seconds with an exception, so that a hanging gateway is a failed test.
#pragma once

#include "common/base/fd.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cubeflash::test {

using Headers = std::vector<std::pair<std::string, std::string>>; // names in lower case

struct Message {
  std::string start; // the first line
  Headers headers;
  std::string body;
  bool whole = true; // false: the connection ended in the middle

  int status() const;                              // of an answer
  std::string header(std::string_view name) const; // the first, "" when absent
  std::size_t count(std::string_view name) const;
};

class Wire {
 public:
  explicit Wire(Fd socket) : socket_(std::move(socket)) {}

  static Wire to_port(std::uint16_t port);

  void send(std::string_view text);
  bool try_send(std::string_view text); // false: the peer is gone

  // A head with its empty line; "" when the peer closed before its first byte.
  Message read_head();

  // The body that the head announces; `to_head` for the answer to HEAD.
  void read_body(Message& message, bool to_head = false);

  Message read_message(bool to_head = false);

  // One chunk, "" for the last one.
  std::string read_chunk();

  // Any bytes, "" at the end.
  std::string read_some();
  std::string read_exactly(std::size_t count);
  std::string read_to_end(bool* reset = nullptr);

  // Whether the peer closes within `limit`.
  bool closed_within(std::chrono::milliseconds limit);

  // Whether bytes come within `limit`.
  bool readable_within(std::chrono::milliseconds limit);

  void half_close();

  void close() { socket_.reset(); }

  void reset(); // closes with RST

  int fd() const { return socket_.get(); }

 private:
  std::string read_line();
  std::size_t fill(bool* reset = nullptr); // 0 at the end

  Fd socket_;
  std::string buffer_;
};

std::string chunk(std::string_view data);

} // namespace cubeflash::test
