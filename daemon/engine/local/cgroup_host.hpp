// SPDX-License-Identifier: Apache-2.0
// Where on this host cgroups for instances may be made: v2, v1, or both side by side (hybrid). It
// refuses to know about instances.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

// A mounted hierarchy and this process's place in it, as /proc/self/mountinfo and /proc/self/cgroup
// tell.
struct CgroupHierarchy {
  std::filesystem::path mount_point;
  std::filesystem::path
      own; // directory of this process's cgroup; the mount point when it is not below
  bool v2 = false;
  std::set<std::string> controllers; // v1: those mounted; v2: filled in from cgroup.controllers
};

std::vector<CgroupHierarchy> parse_hierarchies(std::string_view mountinfo,
                                               std::string_view own_cgroups);

class CgroupHost {
 public:
  // No cgroups at all.
  CgroupHost() = default;

  // Makes a directory `cubeflash` wherever this process may, below its own cgroup or else at the
  // top. May move this process to a leaf of its own (v2 allows no processes beside delegated
  // controllers). Never throws: none is an answer.
  static CgroupHost detect();

  bool has(const std::string& controller) const;

  // "memory, cpu, pids (cgroup v1)", "none"
  std::string describe() const;

  // The directories that an instance gets; not made yet. Joining a v1 `cpu` cgroup takes
  // milliseconds, so it is there only when a CPU limit is wanted.
  std::vector<std::filesystem::path> directories_for(const std::string& id, bool limit_cpu) const;

 private:
  struct Parent {
    std::filesystem::path directory;
    bool v2 = false;
    std::set<std::string> controllers;
  };

  std::vector<Parent> parents_;
};

} // namespace cubeflash::daemon
