// SPDX-License-Identifier: Apache-2.0
// Where a stack file comes from: a path, a default name, a URL. It refuses to know what is in it.
#pragma once

#include <filesystem>
#include <string>

namespace cubeflash::cli {

struct StackSource {
  std::string path; // for messages
  std::filesystem::path directory;
  std::string text;
};

// `file` as in StackOptions. Throws Error(not_found | too_large | unavailable | timeout).
StackSource read_stack_source(const std::string& file, const std::filesystem::path& directory);

} // namespace cubeflash::cli
