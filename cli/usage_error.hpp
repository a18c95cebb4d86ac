// SPDX-License-Identifier: Apache-2.0
// The parser's complaint in words of ours, with the command or flag that was probably meant.
#pragma once

#include "common/base/error.hpp"

#include <CLI/CLI.hpp>

namespace cubeflash::cli {

// Error(usage) for a command line that `app` refused with `complaint`.
Error usage_error(const CLI::App& app, const CLI::ParseError& complaint);

} // namespace cubeflash::cli
