// SPDX-License-Identifier: Apache-2.0
// The program: flags, configuration, then the server until it is told to end.
#pragma once

namespace cubeflash::watchdog {

// The exit status. Throws Error when it cannot start.
int run_watchdog(int argc, char** argv);

} // namespace cubeflash::watchdog
