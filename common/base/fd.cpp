// SPDX-License-Identifier: Apache-2.0
#include "common/base/fd.hpp"

#include "common/base/error.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace cubeflash {

void Fd::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Pipe Pipe::create() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw SystemError(errno, "creating a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Fd open_file(const std::filesystem::path& path, int flags, unsigned mode) {
  Fd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (!fd) throw SystemError(errno, "opening {}", path.string());
  return fd;
}

} // namespace cubeflash
