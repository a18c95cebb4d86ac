// SPDX-License-Identifier: Apache-2.0
#include "watchdog/app.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  try {
    return cubeflash::watchdog::run_watchdog(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cflash-watchdog: %s\n", error.what());
    return 1;
  }
}
