// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/endpoint.hpp"

#include "common/base/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace cubeflash::daemon {

ConnectPath::ConnectPath(const std::string& socket_path)
    : socket_(open_file(socket_path, O_PATH | O_NOFOLLOW)),
      text_(fmt::format("/proc/self/fd/{}", socket_.get())) {
  struct stat status {};

  if (::fstat(socket_.get(), &status) != 0) throw SystemError(errno, "stat {}", socket_path);
  if (!S_ISSOCK(status.st_mode))
    throw Error(ErrorKind::unavailable, fmt::format("{} is not a socket", socket_path));
}

ConnectPath connect_path(const Endpoint& endpoint) {
  return ConnectPath(endpoint.unix_path);
}

} // namespace cubeflash::daemon
