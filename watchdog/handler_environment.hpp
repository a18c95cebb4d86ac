// SPDX-License-Identifier: Apache-2.0
// The CGI-like environment in which a handler sees its request. Pure; knows nothing of processes.
#pragma once

#include "watchdog/request.hpp"

#include <string>
#include <vector>

namespace cubeflash::watchdog {

// `inherited` and the request's Http_* variables. Each name is there once: what the request says
// wins over what is inherited, and Http_Method and its like over a header that spells the same
// name.
std::vector<std::string> handler_environment(const std::vector<std::string>& inherited,
                                             const Request& request);

} // namespace cubeflash::watchdog
