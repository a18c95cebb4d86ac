// SPDX-License-Identifier: Apache-2.0
// One connection's requests, one after the other: health, limits and verbs here, the rest to the
// mode's handler.
#pragma once

#include "common/net/asio.hpp"
#include "watchdog/client.hpp"

#include <memory>

namespace cubeflash::watchdog {

class Server;

// Returns when the connection is closed. `server` must outlive it.
awaitable<void> serve_connection(std::shared_ptr<Client> client, Server& server);

} // namespace cubeflash::watchdog
