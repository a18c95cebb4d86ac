// SPDX-License-Identifier: Apache-2.0
// Asks a watchdog whether it serves: GET /_/health over its socket. It refuses to know whose it is.
#pragma once

#include "common/net/asio.hpp"
#include "daemon/engine/engine.hpp"

#include <chrono>

namespace cubeflash::daemon {

// Whether it answered 200 within `limit`.
awaitable<bool> is_healthy(Endpoint endpoint, std::chrono::milliseconds limit);

} // namespace cubeflash::daemon
