// SPDX-License-Identifier: Apache-2.0
// The programs and Debian packages that a template's steps need, looked for before anything is
// built. It refuses to install any.
#pragma once

#include "cli/build/native_builder.hpp"
#include "cli/build/source_tree.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cubeflash::cli {

// The real paths of what the context needs, in template.yml's order. Throws Error(not_found) naming
// all that is missing.
std::vector<std::filesystem::path> find_requirements(const BuildRequest& request,
                                                     const Tree& context);

// The packages of the function's and the request's build options, each once. Throws Error(invalid)
// for an option that the template does not have.
std::vector<std::string> option_packages(const BuildRequest& request);

// Throws Error(not_found) naming the packages that are not installed. Says nothing where there is
// no dpkg.
void check_packages(const BuildRequest& request, const std::vector<std::string>& packages);

} // namespace cubeflash::cli
