// SPDX-License-Identifier: Apache-2.0
// "key=value" arguments.
#pragma once

#include "common/model/function_spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::cli {

// Split at the first '='. Throws Error(usage) naming `flag` for text without one or without a key.
std::pair<std::string, std::string> parse_key_value(std::string_view text, std::string_view flag);

// A later value of the same key wins.
StringMap parse_key_values(const std::vector<std::string>& texts, std::string_view flag);

} // namespace cubeflash::cli
