// SPDX-License-Identifier: Apache-2.0
// Listening TCP sockets of our own making: close-on-exec from birth, which Asio's are not, and
// several for one port, so that the kernel spreads connections over threads. It refuses to know
// what is served.
#pragma once

#include "common/base/fd.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cubeflash::daemon {

struct Listeners {
  std::vector<Fd> sockets; // non-blocking, in SO_REUSEPORT company
  std::uint16_t port = 0;
};

// `count` sockets for one address. Port 0: the kernel chooses. Throws SystemError naming the
// address; EADDRINUSE also when another process of the same user shares its port, which
// SO_REUSEPORT alone would allow in silence.
Listeners listen_on(const std::string& host, std::uint16_t port, unsigned count);

// Accepts what waits, non-blocking and close-on-exec. An empty Fd with errno EAGAIN when nothing
// does.
Fd accept_client(int listener);

// "127.0.0.1:4242", "[::1]:4242"; `with_port` false leaves the port (and the brackets) away.
std::string peer_name(int socket, bool with_port);

} // namespace cubeflash::daemon
