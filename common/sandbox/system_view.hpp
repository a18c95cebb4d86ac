// SPDX-License-Identifier: Apache-2.0
// Which parts of the host's system a sandbox shows. It refuses to know what runs inside.
#pragma once

#include <string>
#include <vector>

namespace cubeflash {

// Adds bubblewrap's arguments for the host's system directories and the harmless part of /etc, all
// read-only.
void add_system_view(std::vector<std::string>& args);

} // namespace cubeflash
