// SPDX-License-Identifier: Apache-2.0
// Which handler a method and path belong to. It refuses to know what handlers do.
#pragma once

#include "daemon/http/message.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

using PathParameters = std::map<std::string, std::string, std::less<>>;
using RouteHandler = std::function<awaitable<Reply>(Request, PathParameters)>;

class Router {
 public:
  // A pattern's segments are literal, "{name}" for one that is not empty, or a first "{name...}"
  // for one or more.
  // "/v2/{repository...}/blobs/{digest}". A trailing slash of the path does not matter.
  void add(std::string method, std::string_view pattern, RouteHandler handler);

  struct Match {
    const RouteHandler* handler = nullptr;
    PathParameters parameters;
    std::vector<std::string>
        allowed; // methods of the path when `handler` is null: a 405; empty: a 404
  };

  Match find(std::string_view method, std::string_view path) const;

 private:
  struct Entry {
    std::string method;
    std::vector<std::string> pattern;
    RouteHandler handler;
  };

  std::vector<Entry> entries_;
};

} // namespace cubeflash::daemon
