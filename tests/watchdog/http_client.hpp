// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP client that sends exactly the bytes it is told and fails after a deadline. For
// tests only.
#pragma once

#include "common/base/fd.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cubeflash::test {

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;                           // its first MiB
  std::uint64_t body_size = 0;
};

class HttpClient {
 public:
  explicit HttpClient(const std::string& unix_path);
  explicit HttpClient(std::uint16_t port);

  void send(std::string_view bytes);

  // False when the peer does not want any more.
  bool try_send(std::string_view bytes);

  // Throws std::runtime_error when nothing whole arrives within 60 seconds. `to_head`: the
  // request's method was HEAD.
  Reply read_reply(bool to_head = false);

  // Whether the peer closed the connection without another byte.
  bool is_at_end();

  Reply exchange(std::string_view bytes);
  void half_close();

 private:
  void fill();

  Fd socket_;
  std::string buffer_;
};

std::string get(std::string_view target, std::string_view more_headers = {});
std::string
post(std::string_view target, std::string_view body, std::string_view more_headers = {});

} // namespace cubeflash::test
