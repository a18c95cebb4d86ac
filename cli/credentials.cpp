// SPDX-License-Identifier: Apache-2.0
#include "cli/credentials.hpp"

#include "cli/config_file.hpp"
#include "cli/gateway_address.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

namespace cubeflash::cli {

namespace {

std::optional<Credentials> admin_token(const std::filesystem::path& home) {
  const auto file = home / "admin-token";
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
  return Credentials{.token = std::string(trim(read_file(file, 4096)))};
}

} // namespace

Credentials find_credentials(const std::string& gateway, const CredentialSources& sources) {
  if (!sources.flag.empty()) return {.token = sources.flag};
  if (const auto token = sources.environment("CFLASH_TOKEN"))
    return {.token = std::string(trim(*token))};
  const bool local = is_local_gateway(gateway);
  if (local && sources.running_daemon == gateway)
    if (auto found = admin_token(sources.daemon_home)) return *found;
  if (auto login = stored_login(sources.config_file, gateway)) return *login;
  if (local)
    if (auto found = admin_token(sources.daemon_home)) return *found;
  return {};
}

} // namespace cubeflash::cli
