// SPDX-License-Identifier: Apache-2.0
// The border between HTTP and a mode: how a request becomes a call of the function. Each mode
// implements it; the server and its connections refuse to know which one runs.
#pragma once

#include "common/net/asio.hpp"
#include "watchdog/answer.hpp"
#include "watchdog/client.hpp"
#include "watchdog/request.hpp"

#include <memory>
#include <optional>

namespace cubeflash::watchdog {

class Handler {
 public:
  virtual ~Handler() = default;

  // Serves a request whose header is read and whose body is not. nullopt: the client is gone, there
  // is nobody to answer.
  virtual awaitable<std::optional<Answer>> handle(std::shared_ptr<Client> client,
                                                  Request& request) = 0;

  // Called a few times a second while requests are served. True: call again even without requests.
  virtual bool tick() = 0;

  // The server ends: calls that still run are killed; their requests get an answer all the same.
  virtual void end_calls() = 0;
};

} // namespace cubeflash::watchdog
