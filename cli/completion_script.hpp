// SPDX-License-Identifier: Apache-2.0
// Completion scripts out of the tree of declared commands. It refuses to know any command by name,
// save that functions are listed by `cflash list -q`.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace cubeflash::cli {

// `shell` is bash, zsh or fish.
std::string completion_script(const CLI::App& app, const std::string& shell);

} // namespace cubeflash::cli
