// SPDX-License-Identifier: Apache-2.0
// The end of a file that others append to, and what comes after it. A file that is replaced or cut
// is read on from its new beginning. It refuses to know what is in it.
#pragma once

#include "common/base/fd.hpp"

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string_view>

namespace cubeflash::cli {

class FileFollower {
 public:
  // Starts at the last `lines` lines. Throws SystemError.
  FileFollower(std::filesystem::path file, std::size_t lines);

  // Everything that has not been given yet, in pieces.
  void read_new(const std::function<void(std::string_view)>& each);

  // Sleeps until something may have changed (inotify(7)).
  void wait();

 private:
  void reopen_if_replaced();

  std::filesystem::path file_;
  Fd watch_; // before the first look at the file, so that no change is missed
  Fd fd_;
  off_t position_ = 0;
};

} // namespace cubeflash::cli
