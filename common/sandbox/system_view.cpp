// SPDX-License-Identifier: Apache-2.0
#include "common/sandbox/system_view.hpp"

#include "common/base/environment.hpp"
#include "common/base/text.hpp"
#include "common/sandbox/sandbox.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace cubeflash {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> kSystem{
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt"};

// Name resolution, users, certificates, alternatives. Of the directories for TLS only the public
// parts: next to them lie private keys, which the file's owner may read even without privileges.
constexpr std::array<std::string_view, 31> kEtc{"passwd",
                                                "group",
                                                "nsswitch.conf",
                                                "resolv.conf",
                                                "hosts",
                                                "host.conf",
                                                "services",
                                                "protocols",
                                                "localtime",
                                                "timezone",
                                                "ssl/certs",
                                                "ssl/openssl.cnf",
                                                "ssl/cert.pem",
                                                "ca-certificates",
                                                "ca-certificates.conf",
                                                "crypto-policies",
                                                "pki/ca-trust",
                                                "pki/tls/certs",
                                                "pki/tls/cert.pem",
                                                "pki/tls/openssl.cnf",
                                                "alternatives",
                                                "ld.so.cache",
                                                "ld.so.conf",
                                                "ld.so.conf.d",
                                                "gai.conf",
                                                "mime.types",
                                                "os-release",
                                                "debian_version",
                                                "redhat-release",
                                                "alpine-release",
                                                "python3"};

bool is_below(const fs::path& path, const fs::path& parent) {
  return std::mismatch(parent.begin(), parent.end(), path.begin(), path.end()).first ==
         parent.end();
}

bool is_shown(const fs::path& path) {
  return std::any_of(
      kSystem.begin(), kSystem.end(), [&](std::string_view top) { return is_below(path, top); });
}

} // namespace

void add_system_view(std::vector<std::string>& args) {
  std::error_code failure;
  for (const fs::path directory : kSystem) {
    const auto status = fs::symlink_status(directory, failure);
    if (fs::is_symlink(status)) {
      // Merged /usr: the link as the host has it. A link to elsewhere would dangle inside, so its
      // content is shown.
      const auto canonical = fs::canonical(directory, failure);
      if (failure) continue;
      if (is_below(canonical, "/usr")) {
        args.insert(
            args.end(),
            {"--symlink", fs::read_symlink(directory, failure).string(), directory.string()});
        continue;
      }
    } else if (!fs::is_directory(status)) {
      continue;
    }
    args.insert(args.end(), {"--ro-bind", directory.string(), directory.string()});
  }
  for (const auto name : kEtc) {
    const auto path = fs::path("/etc") / name;
    // Follows links: resolv.conf is often one into /run, and bubblewrap shows what it leads to.
    if (::access(path.c_str(), R_OK) != 0) continue;
    args.insert(args.end(), {"--ro-bind", path.string(), path.string()});
  }
}

std::string sandbox_path() {
  auto candidates = split(environment_variable("PATH").value_or(""), ':');
  candidates.erase(std::remove_if(candidates.begin(),
                                  candidates.end(),
                                  [](const std::string& directory) {
                                    std::error_code failure;
                                    const auto canonical = fs::canonical(directory, failure);
                                    return failure ||
                                           !is_shown(fs::path(directory).lexically_normal()) ||
                                           !is_shown(canonical);
                                  }),
                   candidates.end());
  for (const char* directory :
       {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"})
    candidates.emplace_back(directory);
  std::vector<std::string> kept;
  std::string path;
  for (const auto& directory : candidates) {
    if (std::find(kept.begin(), kept.end(), directory) != kept.end()) continue;
    kept.push_back(directory);
    path += (path.empty() ? "" : ":") + directory;
  }
  return path;
}

} // namespace cubeflash
