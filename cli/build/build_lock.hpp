// SPDX-License-Identifier: Apache-2.0
// One build of a function at a time, between processes too. The kernel frees the lock when its
// holder is killed.
#pragma once

#include "cli/build/native_builder.hpp"
#include "common/base/fd.hpp"

namespace cubeflash::cli {

class BuildLock {
 public:
  // Waits for another build of the function, and says so through `progress`. Throws Error(conflict)
  // when that one takes longer than the request's step timeout, Error(failed) when cancelled.
  BuildLock(const BuildRequest& request, const BuildProgress& progress);

 private:
  Fd file_; // held while open; the file stays, because removing it would let two builds lock two
            // files
};

} // namespace cubeflash::cli
