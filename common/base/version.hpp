// SPDX-License-Identifier: Apache-2.0
// The version of this build, the same for all three programs.
#pragma once

namespace cubeflash {

extern const char* const kVersion; // e.g. "0.1.0"
extern const char* const kCommit;  // short git hash, or "unknown" outside a checkout

} // namespace cubeflash
