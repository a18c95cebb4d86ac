// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_lock.hpp"

#include "common/base/error.hpp"
#include "common/base/time.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

namespace cubeflash::cli {

namespace fs = std::filesystem;

BuildLock::BuildLock(const BuildRequest& request, const BuildProgress& progress) {
  const std::string& name = request.function->name;
  const fs::path folder = request.project / "build" / ".locks";
  fs::create_directories(folder);
  file_ = open_file(folder / name, O_RDWR | O_CREAT);
  const auto deadline = std::chrono::steady_clock::now() + request.step_timeout;
  // flock(2) has no deadline of its own.
  for (bool told = false; ::flock(file_.get(), LOCK_EX | LOCK_NB) != 0; told = true) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw SystemError(errno, "locking {}", (folder / name).string());
    if (!told) progress(fmt::format("waiting for another build of {}", name));
    if (request.cancelled != nullptr && request.cancelled->load())
      throw Error(ErrorKind::failed, fmt::format("function \"{}\": the build was cancelled", name));
    if (std::chrono::steady_clock::now() >= deadline)
      throw Error(ErrorKind::conflict,
                  fmt::format("function \"{}\": another build of it has not finished in {}",
                              name,
                              format_duration(request.step_timeout)));
    std::this_thread::sleep_for(milliseconds(50));
  }
}

} // namespace cubeflash::cli
