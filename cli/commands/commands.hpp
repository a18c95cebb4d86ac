// SPDX-License-Identifier: Apache-2.0
// Every command of cflash, in the order of the help.
#pragma once

namespace cubeflash::cli {

class Cli;

void add_commands(Cli& cli);

} // namespace cubeflash::cli
