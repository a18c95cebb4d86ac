// SPDX-License-Identifier: Apache-2.0
// How to reach an endpoint's unix socket safely, whatever its path is. It refuses to know what is
// spoken over it.
#pragma once

#include "common/base/fd.hpp"
#include "daemon/engine/engine.hpp"

#include <string>

namespace cubeflash::daemon {

// A text that connect(2) takes for a unix socket, valid while this lives. It names the socket
// through a descriptor: the path may then be longer than sun_path (108 bytes), and an instance,
// which owns the directory of its socket, cannot lead a connection elsewhere by putting a symbolic
// link there.
class ConnectPath {
 public:
  // Throws SystemError (ENOENT when it is gone), Error(unavailable) when it is no socket.
  explicit ConnectPath(const std::string& socket_path);

  const std::string& text() const noexcept { return text_; }

 private:
  Fd socket_;
  std::string text_;
};

// Of an endpoint whose `unix_path` is set. Three cheap system calls: make one for each new
// connection.
ConnectPath connect_path(const Endpoint& endpoint);

} // namespace cubeflash::daemon
