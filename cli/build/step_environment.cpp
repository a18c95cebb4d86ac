// SPDX-License-Identifier: Apache-2.0
#include "cli/build/step_environment.hpp"

#include "common/base/environment.hpp"
#include "common/base/text.hpp"

#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 21> kPassedOn{"http_proxy",
                                                     "https_proxy",
                                                     "no_proxy",
                                                     "HTTP_PROXY",
                                                     "HTTPS_PROXY",
                                                     "NO_PROXY",
                                                     "all_proxy",
                                                     "ALL_PROXY",
                                                     "SSL_CERT_FILE",
                                                     "SSL_CERT_DIR",
                                                     "GOPROXY",
                                                     "GOPRIVATE",
                                                     "GONOSUMDB",
                                                     "GONOSUMCHECK",
                                                     "GONOPROXY",
                                                     "GOSUMDB",
                                                     "GOINSECURE",
                                                     "NODE_EXTRA_CA_CERTS",
                                                     "REQUESTS_CA_BUNDLE",
                                                     "CURL_CA_BUNDLE",
                                                     "GIT_SSL_CAINFO"};
constexpr std::array<std::string_view, 3> kPassedPrefixes{"PIP_", "npm_config_", "NPM_CONFIG_"};

// Settings that would send a step's work elsewhere: to paths that are not there, or to another kind
// of installation. In lower case: npm reads its variables in either.
constexpr std::array<std::string_view, 12> kKeptOut{"pip_cache_dir",
                                                    "pip_log",
                                                    "pip_prefix",
                                                    "pip_target",
                                                    "pip_user",
                                                    "pip_require_virtualenv",
                                                    "npm_config_cache",
                                                    "npm_config_prefix",
                                                    "npm_config_global_prefix",
                                                    "npm_config_local_prefix",
                                                    "npm_config_globalconfig",
                                                    "npm_config_userconfig"};

// Variables whose value is a file that must be visible for them to mean anything.
constexpr std::array<const char*, 9> kCertificateFiles{"SSL_CERT_FILE",
                                                       "SSL_CERT_DIR",
                                                       "REQUESTS_CA_BUNDLE",
                                                       "NODE_EXTRA_CA_CERTS",
                                                       "PIP_CERT",
                                                       "npm_config_cafile",
                                                       "NPM_CONFIG_CAFILE",
                                                       "CURL_CA_BUNDLE",
                                                       "GIT_SSL_CAINFO"};

bool passes(std::string_view name) {
  if (std::find(kKeptOut.begin(), kKeptOut.end(), to_lower(name)) != kKeptOut.end()) return false;
  return std::find(kPassedOn.begin(), kPassedOn.end(), name) != kPassedOn.end() ||
         std::any_of(kPassedPrefixes.begin(), kPassedPrefixes.end(), [&](auto prefix) {
           return name.starts_with(prefix);
         });
}

StringMap defaults(const std::string& home) {
  return {{"PATH", sandbox_path()},
          {"LANG", "C.UTF-8"},
          {"HOME", home},
          {"XDG_CACHE_HOME", home},
          {"SOURCE_DATE_EPOCH", "0"},
          {"PYTHONDONTWRITEBYTECODE", "1"},
          {"PIP_DISABLE_PIP_VERSION_CHECK", "1"},
          {"PIP_NO_INPUT", "1"},
          {"PIP_ROOT_USER_ACTION", "ignore"},
          {"npm_config_cache", home + "/npm"},
          {"npm_config_update_notifier", "false"},
          {"npm_config_fund", "false"},
          {"GIT_TERMINAL_PROMPT", "0"},
          {"GOPATH", home + "/go"},
          {"GOCACHE", home + "/go-build"},
          // No build path and no commit in a binary; directories of the module cache that can be
          // removed.
          {"GOFLAGS", "-trimpath -buildvcs=false -modcacherw"}};
}

struct SettingsFile {
  const char* variable; // that names the file to the tool
  fs::path usual;       // where the tool would look by itself
  const char* inside;   // where it is in a sandbox, whose home is the writable cache
};

void add_settings(StepEnvironment& result, StringMap& variables, bool sandboxed) {
  const fs::path home = user_home();
  fs::path pip = home / ".config/pip/pip.conf";
  std::error_code ignored;
  if (!fs::exists(pip, ignored)) pip = home / ".pip/pip.conf";
  const std::array<SettingsFile, 3> files{
      {{"NPM_CONFIG_USERCONFIG", home / ".npmrc", "/run/cubeflash/npmrc"},
       {"PIP_CONFIG_FILE", pip, "/run/cubeflash/pip.conf"},
       {"GOENV", home / ".config/go/env", "/run/cubeflash/goenv"}}};
  for (const auto& [variable, usual, inside] : files) {
    const fs::path file = environment_variable(variable).value_or(usual.string());
    variables.erase(variable);
    if (!fs::is_regular_file(file, ignored) || ::access(file.c_str(), R_OK) != 0) continue;
    variables[variable] = sandboxed ? inside : fs::absolute(file).string();
    if (sandboxed) result.mounts.push_back({fs::absolute(file), inside, false});
  }
  if (!sandboxed) return;
  for (const char* file : {"/etc/pip.conf", "/etc/npmrc"})
    if (fs::is_regular_file(file, ignored)) result.mounts.push_back({file, file, false});
}

void add_certificates(StepEnvironment& result, const StringMap& variables) {
  for (const char* name : kCertificateFiles) {
    const auto found = variables.find(name);
    std::error_code ignored;
    if (found == variables.end() || !fs::exists(found->second, ignored)) continue;
    const fs::path file = fs::absolute(found->second).lexically_normal();
    // The system's own are in every sandbox.
    const bool shown = file.string().starts_with("/usr/") || file.string().starts_with("/etc/ssl/");
    const bool mounted = std::any_of(result.mounts.begin(),
                                     result.mounts.end(),
                                     [&](const Mount& mount) { return mount.target == file; });
    if (!shown && !mounted) result.mounts.push_back({file, file, false});
  }
}

} // namespace

StepEnvironment
StepEnvironment::make(const BuildInputs& inputs, const fs::path& cache, bool sandboxed) {
  StepEnvironment result;
  StringMap variables = defaults(sandboxed ? kCacheInside : cache.string());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos && passes(text.substr(0, equals)))
      variables[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  if (const auto flags = environment_variable("GOFLAGS")) variables["GOFLAGS"] += " " + *flags;
  add_settings(result, variables, sandboxed);
  if (sandboxed) add_certificates(result, variables);
  if (!inputs.packages.empty())
    variables["ADDITIONAL_PACKAGE"] = fmt::format("{}", fmt::join(inputs.packages, " "));
  for (const auto& [name, value] : inputs.build_args)
    variables[name] = value;
  for (const auto& [name, value] : variables)
    result.variables.push_back(name + "=" + value);
  return result;
}

} // namespace cubeflash::cli
