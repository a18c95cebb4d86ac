// SPDX-License-Identifier: Apache-2.0
// --tag: image names that say what they were built from (openfaas-contract §11).
#pragma once

#include "cli/stack/stack_file.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace cubeflash::cli {

// The image name under `format`: latest (as written), sha, branch, describe (of the git checkout
// that holds `project`) or digest (of the handler folder). Throws Error(usage) for another format,
// Error(failed) when git cannot tell.
std::string tagged_image(const StackFunction& function,
                         std::string_view format,
                         const std::filesystem::path& project);

} // namespace cubeflash::cli
