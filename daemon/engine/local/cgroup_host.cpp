// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/cgroup_host.hpp"

#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "common/base/log.hpp"
#include "common/base/text.hpp"

#include <fmt/ranges.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

const std::set<std::string> kWanted{"memory", "cpu", "cpuacct", "pids"};

// hierarchy's controllers ("" for v2) -> path of this process's cgroup
std::map<std::string, std::string> parse_own_cgroups(std::string_view text) {
  std::map<std::string, std::string> own;
  for (const auto& line : split(text, '\n')) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    own[line.substr(first + 1, second - first - 1)] = line.substr(second + 1);
  }
  return own;
}

// The directory of cgroup `path` in a mount that shows `root` at `mount_point`.
fs::path
own_directory(const fs::path& mount_point, const std::string& root, const std::string& path) {
  if (root == "/") return mount_point / fs::path(path).relative_path();
  if (path == root) return mount_point;
  if (path.starts_with(root + "/")) return mount_point / path.substr(root.size() + 1);
  return mount_point;
}

bool try_setting(const fs::path& file, std::string_view value) {
  try {
    const Fd fd = open_file(file, O_WRONLY);
    write_all(fd.get(), value);
    return true;
  } catch (const Error& error) {
    log_debug("{} file={}", error.what(), file.string());
    return false;
  }
}

std::set<std::string> words(const fs::path& file) {
  try {
    std::set<std::string> found;
    for (const auto& word : split(trim(read_file(file, 65536)), ' '))
      found.insert(word);
    return found;
  } catch (const Error&) {
    return {};
  }
}

// Moves this process to a leaf when it is alone, since a cgroup with processes may not delegate
// controllers.
bool leave_to_leaf(const fs::path& directory) {
  const auto processes = split(trim(read_file(directory / "cgroup.procs")), '\n');
  if (processes != std::vector<std::string>{std::to_string(::getpid())}) return false;
  const auto leaf = directory / "cflashd";
  if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) return false;
  return try_setting(leaf / "cgroup.procs", "0");
}

std::set<std::string> delegate(const fs::path& directory) {
  for (const auto& controller : words(directory / "cgroup.controllers"))
    if (kWanted.contains(controller))
      try_setting(directory / "cgroup.subtree_control", "+" + controller);
  std::set<std::string> delegated;
  for (const auto& controller : words(directory / "cgroup.subtree_control"))
    if (kWanted.contains(controller)) delegated.insert(controller);
  return delegated;
}

std::optional<fs::path> make_parent(const fs::path& in) {
  const auto directory = in / "cubeflash";
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return std::nullopt;
  if (::access(directory.c_str(), W_OK) != 0) return std::nullopt;
  return directory;
}

// v2: controllers must be handed down twice, to `cubeflash` and to what is below it.
std::set<std::string> delegate_to_parent(const fs::path& in, const fs::path& parent) {
  auto delegated = delegate(in);
  if (delegated.empty() && leave_to_leaf(in)) delegated = delegate(in);
  return delegated.empty() ? delegated : delegate(parent);
}

} // namespace

std::vector<CgroupHierarchy> parse_hierarchies(std::string_view mountinfo,
                                               std::string_view own_cgroups) {
  const auto own = parse_own_cgroups(own_cgroups);
  std::vector<CgroupHierarchy> found;
  for (const auto& line : split(mountinfo, '\n')) {
    // proc_pid_mountinfo(5): "id parent dev ROOT POINT options [tags] - TYPE source SUPEROPTIONS"
    const auto dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const auto left = split(line.substr(0, dash), ' ');
    const auto right = split(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    CgroupHierarchy hierarchy{
        .mount_point = left[4], .own = left[4], .v2 = right[0] == "cgroup2", .controllers = {}};
    if (!hierarchy.v2 && right[0] != "cgroup") continue;
    if (!hierarchy.v2)
      for (const auto& option : split(right[2], ','))
        if (kWanted.contains(option)) hierarchy.controllers.insert(option);
    if (!hierarchy.v2 && hierarchy.controllers.empty()) continue;
    for (const auto& [controllers, path] : own) {
      const auto list = split(controllers, ',');
      const bool same =
          hierarchy.v2
              ? controllers.empty()
              : std::find(list.begin(), list.end(), *hierarchy.controllers.begin()) != list.end();
      if (same) hierarchy.own = own_directory(left[4], left[3], path);
    }
    found.push_back(std::move(hierarchy));
  }
  return found;
}

CgroupHost CgroupHost::detect() {
  CgroupHost host;
  try {
    for (auto& hierarchy :
         parse_hierarchies(read_file("/proc/self/mountinfo"), read_file("/proc/self/cgroup"))) {
      for (const auto& in : {hierarchy.own, hierarchy.mount_point}) {
        if (hierarchy.v2 && words(in / "cgroup.controllers").empty()) continue;
        const auto parent = make_parent(in);
        if (!parent) continue;
        if (hierarchy.v2) hierarchy.controllers = delegate_to_parent(in, *parent);
        if (hierarchy.controllers.empty()) {
          ::rmdir(parent->c_str()); // of no use; fails harmlessly when somebody uses it
          continue;
        }
        host.parents_.push_back({*parent, hierarchy.v2, hierarchy.controllers});
        break;
      }
    }
  } catch (const Error& error) {
    log_debug("cgroups: {}", error.what());
  }
  return host;
}

bool CgroupHost::has(const std::string& controller) const {
  return std::any_of(parents_.begin(), parents_.end(), [&](const Parent& parent) {
    return parent.controllers.contains(controller);
  });
}

std::string CgroupHost::describe() const {
  std::vector<std::string> limits;
  for (const char* controller : {"memory", "cpu", "pids"})
    if (has(controller)) limits.emplace_back(controller);
  if (limits.empty()) return "none";
  const bool v2 = parents_.front().v2;
  const bool mixed = std::any_of(
      parents_.begin(), parents_.end(), [&](const Parent& parent) { return parent.v2 != v2; });
  return fmt::format("{} (cgroup {})",
                     fmt::join(limits, ", "),
                     mixed ? "v1 and v2"
                     : v2  ? "v2"
                           : "v1");
}

std::vector<fs::path> CgroupHost::directories_for(const std::string& id, bool limit_cpu) const {
  std::vector<fs::path> directories;
  for (const auto& parent : parents_) {
    const bool only_cpu = parent.controllers == std::set<std::string>{"cpu"};
    if (only_cpu && !parent.v2 && !limit_cpu) continue;
    directories.push_back(parent.directory / id);
  }
  return directories;
}

} // namespace cubeflash::daemon
