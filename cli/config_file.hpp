// SPDX-License-Identifier: Apache-2.0
// ~/.openfaas/config.yml, where OpenFaaS clients keep their logins (openfaas-contract §12). Read
// only.
#pragma once

#include "cli/gateway_client.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace cubeflash::cli {

// $OPENFAAS_CONFIG/config.yml, else ~/.openfaas/config.yml.
std::filesystem::path config_file_path();

// The entry of a normalised gateway address; nullopt when there is no file or no entry. Throws
// Error(invalid) naming the file and line when it cannot be read as YAML.
std::optional<Credentials> stored_login(const std::filesystem::path& file,
                                        const std::string& gateway);

} // namespace cubeflash::cli
