// SPDX-License-Identifier: Apache-2.0
// Which credentials go to which gateway. The rule it keeps: a daemon's admin token never leaves
// this machine.
#pragma once

#include "cli/gateway_client.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace cubeflash::cli {

struct CredentialSources {
  std::string flag; // --token
  std::function<std::optional<std::string>(const char* name)> environment;
  std::filesystem::path daemon_home;
  std::filesystem::path config_file;
  std::optional<std::string> running_daemon; // address of this account's daemon
};

// --token, CFLASH_TOKEN; then the admin token when `gateway` is this account's running daemon; then
// the login stored in the configuration file; then the admin token when `gateway` is local. Empty
// credentials when there are none.
Credentials find_credentials(const std::string& gateway, const CredentialSources& sources);

} // namespace cubeflash::cli
