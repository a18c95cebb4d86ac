// SPDX-License-Identifier: Apache-2.0
// --filter and --regex: which functions of a stack file a command is about.
#pragma once

#include "cli/stack/stack_file.hpp"

#include <string>

namespace cubeflash::cli {

// Removes the functions that do not match. Empty texts select everything. Throws Error(usage) when
// both are given or the regular expression is not valid, Error(not_found) when nothing is left.
void filter_functions(StackFile& stack, const std::string& filter, const std::string& regex);

} // namespace cubeflash::cli
