// SPDX-License-Identifier: Apache-2.0
// Short ways to write a stack file in a test and to look at what it was refused for.
#pragma once

#include "cli/stack/stack_file.hpp"
#include "common/base/error.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>

namespace cubeflash::tests {

inline const std::string kProvider = "provider:\n  name: openfaas\n";

// A file with one function "f", whose keys begin at line 5, column 5.
inline std::string with_function(const std::string& keys) {
  return kProvider + "functions:\n  f:\n" + keys;
}

inline cli::StackFile parse(const std::string& text) {
  return cli::parse_stack(text, "stack.yml", "/nowhere");
}

// The function "f" with an image and the given keys, the first of which is at line 6.
inline cli::StackFunction parse_keys(const std::string& keys) {
  return parse(with_function("    image: example/f\n" + keys)).functions.at(0);
}

inline Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {ErrorKind::failed, ""};
}

} // namespace cubeflash::tests
