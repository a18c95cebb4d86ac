// SPDX-License-Identifier: Apache-2.0
// The listening socket: a TCP port or a unix path. Knows nothing of what is spoken on it.
#pragma once

#include "common/base/fd.hpp"

#include <cstdint>
#include <string>

namespace cubeflash::watchdog {

struct Listener {
  Fd fd;
  int family = 0;
  std::string name; // "port: 8080", "unix: /run/x.sock"
};

// All addresses, IPv6 and IPv4 where the host has them; port 0 lets the kernel choose. Throws
// SystemError.
Listener listen_on_port(std::uint16_t port);

// Replaces a socket that an earlier process left behind; anyone may connect (0666). Paths longer
// than sun_path work where /proc is mounted. Throws Error(conflict) when something else has that
// path, SystemError otherwise.
Listener listen_on_path(const std::string& path);

} // namespace cubeflash::watchdog
