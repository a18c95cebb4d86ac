// SPDX-License-Identifier: Apache-2.0
// A test that cannot run on this machine says so; where the machine was promised to have
// everything, it fails.
#pragma once

#include "common/base/environment.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cubeflash {

// Return from the test case afterwards.
inline void skip_test(const std::string& reason) {
  if (environment_variable("CFLASH_NO_SKIP")) {
    FAIL("must not be skipped here: ", reason);
  } else {
    MESSAGE("SKIPPED: ", reason);
  }
}

} // namespace cubeflash
