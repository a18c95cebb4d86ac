// SPDX-License-Identifier: Apache-2.0
// Whether this instance takes requests: a flag, and the lock file that probes look at.
#pragma once

#include <string>

namespace cubeflash::watchdog {

class Health {
 public:
  // Writes the lock (0660, empty) unless it is suppressed. Throws SystemError when that fails.
  Health(std::string lock_path, bool suppress_lock);
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;
  ~Health();

  // False once it stopped accepting, or when somebody removed the lock.
  bool accepting() const;

  // Removes the lock as well.
  void stop_accepting();

 private:
  std::string lock_path_;
  bool suppress_lock_;
  bool accepting_ = true;
};

} // namespace cubeflash::watchdog
