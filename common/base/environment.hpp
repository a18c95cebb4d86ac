// SPDX-License-Identifier: Apache-2.0
// The process environment, and the places that programs of this account use.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace cubeflash {

// Absent and empty are the same: nullopt.
std::optional<std::string> environment_variable(const char* name);

// The daemon's home: $CFLASH_HOME, else /var/lib/cubeflash for root, else $XDG_DATA_HOME/cubeflash,
// else
// ~/.local/share/cubeflash. Both ends compute it alike, so the CLI finds the admin token of its own
// account's daemon.
std::filesystem::path daemon_home();

// $XDG_CACHE_HOME/cubeflash, else ~/.cache/cubeflash.
std::filesystem::path cache_home();

// $HOME, else the account's entry in the user database.
std::filesystem::path user_home();

// Absolute path of a program in the directories of $PATH (or of `path` when given); nullopt when
// there is none.
std::optional<std::filesystem::path> find_program(const std::string& name,
                                                  std::optional<std::string> path = {});

// The directory that holds the running executable, symlinks resolved.
std::filesystem::path executable_directory();

} // namespace cubeflash
