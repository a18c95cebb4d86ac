// SPDX-License-Identifier: Apache-2.0
// template.yml as a value. It knows which file:line:column every mistake has, and refuses to know
// where templates are.
#pragma once

#include "cli/build/template_store.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace cubeflash::cli {

// Unknown keys are ignored at the top, where upstream may add some; those of `native:` are
// mistakes. Throws Error(invalid) with "<path>:line:column: what". The name, directory and origin
// are left empty.
Template parse_template(std::string_view text, const std::string& path);

// Reads <directory>/template.yml; the directory's name is the template's.
Template load_template(const std::filesystem::path& directory);

} // namespace cubeflash::cli
