// SPDX-License-Identifier: Apache-2.0
// What a function is built from, as one tree: the template, the user's handler over its handler
// folder, the extra paths (openfaas-contract §11). Planned in memory, so that an unchanged one need
// not be written. It refuses to build.
#pragma once

#include "cli/build/native_builder.hpp"
#include "cli/build/source_tree.hpp"

#include <string_view>

namespace cubeflash::cli {

// Throws Error(not_found | invalid | denied) naming the path that is wrong.
Tree plan_context(const BuildRequest& request);

// What `when:` asks of a planned context: there, and not empty.
bool holds(const Tree& context, std::string_view when);

// The same of a directory on disk.
bool holds(const std::filesystem::path& context, std::string_view when);

} // namespace cubeflash::cli
