// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.hpp"

#include "cli/gateway_address.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

// nullopt for text that is not base64. Padding may be missing.
std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!text.empty() && text.back() == '=')
    text.remove_suffix(1);
  std::string decoded;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    group = group << 6U | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    decoded += static_cast<char>(group >> bits & 0xFFU);
  }
  return decoded;
}

std::optional<Credentials> credentials_of(const YAML::Node& entry, const fs::path& file) {
  const auto token = entry["token"].as<std::string>("");
  if (entry["auth"].as<std::string>("basic") != "basic") return Credentials{.token = token};
  const auto pair = decode_base64(token);
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos)
    throw Error(ErrorKind::invalid,
                fmt::format("{}:{}: the token is not base64 of user:password",
                            file.string(),
                            entry.Mark().line + 1));
  return Credentials{
      .token = {}, .user = pair->substr(0, colon), .password = pair->substr(colon + 1)};
}

bool is_entry_of(const YAML::Node& entry, const std::string& gateway) {
  const auto written = entry["gateway"].as<std::string>("");
  try {
    return !written.empty() && normalise_gateway(written) == gateway;
  } catch (const Error&) {
    return false; // somebody else's odd entry is none of our business
  }
}

} // namespace

fs::path config_file_path() {
  const auto directory = environment_variable("OPENFAAS_CONFIG");
  return (directory ? fs::path(*directory) : user_home() / ".openfaas") / "config.yml";
}

std::optional<Credentials> stored_login(const fs::path& file, const std::string& gateway) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  try {
    const YAML::Node root = YAML::Load(read_file(file, 1U << 20U));
    if (!root.IsMap() || !root["auths"]) return std::nullopt;
    for (const auto& entry : root["auths"])
      if (entry.IsMap() && is_entry_of(entry, gateway)) return credentials_of(entry, file);
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    throw Error(ErrorKind::invalid,
                fmt::format("{}:{}: {}", file.string(), error.mark.line + 1, error.msg));
  }
}

} // namespace cubeflash::cli
