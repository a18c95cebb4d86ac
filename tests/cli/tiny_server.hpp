// SPDX-License-Identifier: Apache-2.0
// A real HTTP server on a port of the kernel's choice that answers as a test wants, one connection
// at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cubeflash::test {

struct TinyRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;                           // its first MiB
  std::uint64_t body_size = 0;
};

struct TinyReply {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::uint64_t zeros = 0;             // that many NUL bytes after the body, streamed
  std::function<std::string()> more{}; // then its pieces, one chunk each, until it gives ""
  bool reset = false;                  // a TCP reset instead of an answer
};

using TinyHandler = std::function<TinyReply(const TinyRequest&)>;

class TinyServer {
 public:
  // `early` answers as soon as the head is there, before the body is read.
  explicit TinyServer(TinyHandler handler, bool early = false);
  ~TinyServer();
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  std::string url() const;

  // What was asked so far, "METHOD target".
  std::vector<std::string> lines() const;
  std::vector<TinyRequest> requests() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace cubeflash::test
