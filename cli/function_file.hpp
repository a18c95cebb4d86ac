// SPDX-License-Identifier: Apache-2.0
// The text of a new function in a stack file: a fresh file, or an entry added to one that exists,
// whose other text and comments stay as they are. It refuses to touch the disk.
#pragma once

#include "common/model/function_spec.hpp"

#include <string>
#include <string_view>

namespace cubeflash::cli {

struct NewFunction {
  std::string name;
  std::string lang;
  std::string handler;
  std::string image;
  Resources limits;
  Resources requests;
};

std::string new_stack_text(const NewFunction& function, const std::string& gateway);

// Throws Error(conflict) when the name is taken, Error(invalid) when the file is broken or has no
// block of functions to add to. `path` is for messages.
std::string
append_to_stack(std::string_view text, const NewFunction& function, const std::string& path);

// The text with those of `lines` added that it does not have.
std::string with_ignored(std::string_view text, const std::vector<std::string>& lines);

} // namespace cubeflash::cli
