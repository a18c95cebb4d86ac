// SPDX-License-Identifier: Apache-2.0
// What a call throws, as a value to look at.
#pragma once

#include "common/base/error.hpp"

#include <string>

namespace cubeflash {

struct Thrown {
  bool thrown = false;
  ErrorKind kind = ErrorKind::failed;
  int code = 0; // errno of a SystemError, else 0
  std::string what;

  bool says(std::string_view part) const { return what.find(part) != std::string::npos; }
};

template <typename Action>
Thrown error_of(Action&& action) {
  try {
    action();
  } catch (const SystemError& error) {
    return {true, error.kind(), error.code(), error.what()};
  } catch (const Error& error) {
    return {true, error.kind(), 0, error.what()};
  }
  return {};
}

} // namespace cubeflash
