// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"

#include <system_error>

namespace cubeflash {

namespace {

ErrorKind kind_of(int code) {
  switch (code) {
  case ENOENT:
    return ErrorKind::not_found;
  case EACCES:
  case EPERM:
    return ErrorKind::denied;
  case EEXIST:
  case EADDRINUSE:
    return ErrorKind::conflict;
  case ECONNREFUSED:
  case ECONNRESET:
    return ErrorKind::unavailable;
  case ETIMEDOUT:
    return ErrorKind::timeout;
  default:
    return ErrorKind::failed;
  }
}

} // namespace

SystemError::SystemError(int code, const std::string& what)
    : Error(kind_of(code), fmt::format("{}: {}", what, errno_text(code))), code_(code) {}

std::string errno_text(int code) {
  return std::generic_category().message(code);
}

} // namespace cubeflash
