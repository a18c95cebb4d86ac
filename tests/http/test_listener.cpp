// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "daemon/http/listener.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <cerrno>

using namespace cubeflash;
using namespace cubeflash::daemon;

TEST_CASE("listener: several sockets share one port and no child inherits them") {
  const Listeners listeners = listen_on("127.0.0.1", 0, 3);
  REQUIRE(listeners.sockets.size() == 3);
  CHECK(listeners.port != 0);
  for (const Fd& socket : listeners.sockets)
    CHECK((::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_FALSE(accept_client(listeners.sockets[0].get()));
  CHECK(errno == EAGAIN);
}

TEST_CASE("listener: a port that somebody listens on is an error that names the address") {
  const Listeners taken = listen_on("127.0.0.1", 0, 2);
  try {
    const Listeners again = listen_on("127.0.0.1", taken.port, 2);
    FAIL("shared the port in silence");
  } catch (const SystemError& error) {
    CHECK(error.code() == EADDRINUSE);
    CHECK(std::string(error.what()).find("127.0.0.1:" + std::to_string(taken.port)) !=
          std::string::npos);
  }
}

TEST_CASE("listener: a name instead of an address is refused with advice") {
  try {
    listen_on("localhost", 0, 1);
    FAIL("accepted a name");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK_FALSE(error.hint().empty());
  }
}
