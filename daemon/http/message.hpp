// SPDX-License-Identifier: Apache-2.0
// A request to the management API and its answer as values that hide Beast and sockets. Handlers
// run on the control thread; the connection that feeds them runs on a data-plane thread, and the
// two meet only through these.
#pragma once

#include "common/base/error.hpp"
#include "common/net/asio.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cubeflash::daemon {

// The rest of a request's body. read() hops to the connection's thread and back.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // The next bytes, at most 64 KiB; empty at the end. Throws Error(unavailable) when the client
  // left or sent less than it announced, timeout when it stopped sending.
  virtual awaitable<std::string> read() = 0;
};

struct Request {
  std::string method;
  std::string path;                                       // percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query; // decoded, in order
  std::map<std::string, std::string, std::less<>>
      headers;                // names in lower case; the first value of each
  std::string peer;           // "127.0.0.1:4242"
  BodySource* body = nullptr; // outlives the handler

  // The last value, as OpenFaaS counts; "" when absent.
  std::string query_value(std::string_view name) const;
  std::string header(std::string_view lower_case_name) const;
};

// Pulled by the connection, on the control thread, until it gives nullopt. Destroyed when the
// client leaves.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  virtual awaitable<std::optional<std::string>> next() = 0;
};

struct Reply {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::unique_ptr<BodyStream> stream; // sent chunked after `body` when set, flushed at every piece
};

// Never throws: the border that turns errors into answers is inside.
using RequestHandler = std::function<awaitable<Reply>(Request)>;

} // namespace cubeflash::daemon
