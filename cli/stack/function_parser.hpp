// SPDX-License-Identifier: Apache-2.0
// One entry of `functions:`. It refuses to know the rest of the file.
#pragma once

#include "cli/stack/stack_file.hpp"
#include "cli/stack/yaml_value.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cubeflash::cli {

// `directory` is what environment_file is relative to. Adds to `warnings`.
StackFunction parse_function(const YamlEntry& entry,
                             const std::filesystem::path& directory,
                             std::vector<std::string>& warnings);

// "stack.yml:3:1: unknown key "handlr"; did you mean "handler"?" for every key that is not in
// `known`.
void warn_unknown_keys(const YamlValue& map,
                       std::string_view name,
                       const std::vector<std::string>& known,
                       std::vector<std::string>& warnings);

} // namespace cubeflash::cli
