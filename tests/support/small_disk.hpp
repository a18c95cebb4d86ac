// SPDX-License-Identifier: Apache-2.0
// A file system that is soon full.
#pragma once

#include "common/base/error.hpp"
#include "common/base/file.hpp"

#include <sys/mount.h>

#include <filesystem>
#include <string>

namespace cubeflash {

class SmallDisk {
 public:
  explicit SmallDisk(std::size_t bytes) {
    const auto options = fmt::format("size={}", bytes);
    if (::mount("tmpfs", place_.path().c_str(), "tmpfs", 0, options.c_str()) == 0)
      mounted_ = true;
    else
      reason_ = "mounting a tmpfs: " + errno_text(errno);
  }

  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  ~SmallDisk() {
    if (mounted_) ::umount2(place_.path().c_str(), MNT_DETACH);
  }

  // Empty when it is there.
  const std::string& reason() const { return reason_; }

  const std::filesystem::path& path() const { return place_.path(); }

 private:
  TemporaryDirectory place_{std::filesystem::temp_directory_path()};
  bool mounted_ = false;
  std::string reason_;
};

} // namespace cubeflash
