// SPDX-License-Identifier: Apache-2.0
#include "common/base/environment.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace cubeflash {

namespace fs = std::filesystem;

std::optional<std::string> environment_variable(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe) - nothing in these programs calls setenv once threads
  // exist
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

fs::path user_home() {
  if (auto home = environment_variable("HOME")) return *home;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr)
    return found->pw_dir;
  return "/";
}

fs::path daemon_home() {
  if (auto home = environment_variable("CFLASH_HOME")) return fs::absolute(*home);
  if (::geteuid() == 0) return "/var/lib/cubeflash";
  if (auto data = environment_variable("XDG_DATA_HOME")) return fs::path(*data) / "cubeflash";
  return user_home() / ".local/share/cubeflash";
}

fs::path cache_home() {
  if (auto cache = environment_variable("XDG_CACHE_HOME")) return fs::path(*cache) / "cubeflash";
  return user_home() / ".cache/cubeflash";
}

std::optional<fs::path> find_program(const std::string& name, std::optional<std::string> path) {
  if (name.find('/') != std::string::npos)
    return ::access(name.c_str(), X_OK) == 0 ? std::optional(fs::absolute(name)) : std::nullopt;
  if (!path) path = environment_variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (const auto& directory : split(*path, ':')) {
    if (directory.empty()) continue;
    const fs::path candidate = fs::path(directory) / name;
    std::error_code ignored;
    if (fs::is_regular_file(candidate, ignored) && ::access(candidate.c_str(), X_OK) == 0)
      return candidate;
  }
  return std::nullopt;
}

fs::path executable_directory() {
  std::error_code failure;
  const auto self = fs::read_symlink("/proc/self/exe", failure);
  if (failure) throw SystemError(failure.value(), "reading /proc/self/exe");
  return self.parent_path();
}

} // namespace cubeflash
