// SPDX-License-Identifier: Apache-2.0
#include "watchdog/health.hpp"

#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "watchdog/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cubeflash::watchdog {

Health::Health(std::string lock_path, bool suppress_lock)
    : lock_path_(std::move(lock_path)), suppress_lock_(suppress_lock) {
  if (suppress_lock_) {
    note("Warning: \"suppress_lock\" is enabled. No lock file for health checks will be written.");
    return;
  }
  note("Writing lock-file to: {}", lock_path_);
  const Fd lock = open_file(lock_path_, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0660);
  // The umask must not hide it from a probe of the same group. A lock that another account wrote
  // already does as well.
  [[maybe_unused]] const int changed = ::fchmod(lock.get(), 0660);
}

Health::~Health() {
  stop_accepting();
}

bool Health::accepting() const {
  return accepting_ && (suppress_lock_ || ::access(lock_path_.c_str(), F_OK) == 0);
}

void Health::stop_accepting() {
  if (accepting_ && !suppress_lock_) ::unlink(lock_path_.c_str());
  accepting_ = false;
}

} // namespace cubeflash::watchdog
