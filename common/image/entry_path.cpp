// SPDX-License-Identifier: Apache-2.0
#include "common/image/entry_path.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <algorithm>

namespace cubeflash {

namespace {

constexpr std::size_t kMaxPath = 3072; // leaves room below PATH_MAX for the directory unpacked into

[[noreturn]] void refuse(std::string_view name, std::string_view why) {
  throw Error(ErrorKind::invalid, fmt::format("entry \"{}\": {}", name, why));
}

} // namespace

std::string clean_entry_path(std::string_view name) {
  if (name.empty()) refuse(name, "has no name");
  if (name.front() == '/') refuse(name, "absolute path");
  if (name.size() > kMaxPath) refuse(name.substr(0, 80), "its name is too long");
  std::string clean;
  for (const auto& part : split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") refuse(name, "\"..\" in its path");
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

void check_symlink_target(std::string_view path, std::string_view target) {
  if (target.empty()) refuse(path, "symlink without a target");
  if (target.front() == '/') refuse(path, fmt::format("symlink to the absolute path {}", target));
  auto depth = std::count(path.begin(), path.end(), '/');
  bool named = false;
  for (const auto& part : split(target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      named = true;
      continue;
    }
    if (named) refuse(path, fmt::format("symlink to {}, with \"..\" after a name", target));
    if (--depth < 0) refuse(path, fmt::format("symlink to {} leads out", target));
  }
}

} // namespace cubeflash
