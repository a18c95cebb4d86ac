// SPDX-License-Identifier: Apache-2.0
// Waits until a function has a ready instance. It refuses to know what made it start.
#pragma once

#include "cli/gateway_client.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace cubeflash::cli {

struct Readiness {
  bool ready = false;
  std::string reason; // why not, as the daemon tells it
};

// Returns once the function is ready (or wants no instance), the deadline passed, or its instances
// have failed often enough that waiting is of no use. `changed` is told each new reason.
Readiness wait_ready(const GatewayClient& client,
                     const FunctionName& function,
                     std::chrono::milliseconds timeout,
                     const std::function<void(const std::string& reason)>& changed);

// What one status says, without waiting.
Readiness readiness_of(const FunctionStatus& status);

} // namespace cubeflash::cli
