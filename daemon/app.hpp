// SPDX-License-Identifier: Apache-2.0
// The composition root: the one place that knows every part of the daemon, makes them in order and
// ends them in order.
#pragma once

#include "daemon/config.hpp"

namespace cubeflash::daemon {

// Serves until SIGTERM or SIGINT, then drains; a second signal ends it at once and leaves the
// instances to the next daemon. Returns the exit code; throws what keeps it from starting.
int run(const Config& config);

} // namespace cubeflash::daemon
