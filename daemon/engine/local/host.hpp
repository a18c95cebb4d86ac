// SPDX-License-Identifier: Apache-2.0
// What this host lets the engine do: sandboxes, accounts, limits. Found out once, said once. It
// refuses to know about single instances.
#pragma once

#include "daemon/engine/local/cgroup_host.hpp"
#include "daemon/engine/local/instance_record.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <set>

namespace cubeflash::daemon {

// Numbers that belong to no account of the host; each instance of a root daemon runs under one of
// its own.
inline constexpr uid_t kFirstUid = 400'000;
inline constexpr uid_t kUidRange = 50'000;

class Host {
 public:
  // Makes home/run/instances, and lets other accounts pass (not list) the way there when root.
  // Blocking.
  static Host prepare(const std::filesystem::path& home, bool allow_sandbox);

  Isolation isolation() const { return sandbox_ ? Isolation::sandbox : Isolation::plain; }

  const CgroupHost& cgroups() const { return cgroups_; }

  // A uid that neither `used` nor any process has, when this daemon is root and that uid can reach
  // the instance and its image; else nullopt: the instance runs as the daemon's account. Throws
  // Error(denied) when that would be root without a sandbox.
  std::optional<uid_t> choose_uid(const std::filesystem::path& image_root,
                                  const std::set<uid_t>& used);

 private:
  void open_way(const std::filesystem::path& path) const;
  void report() const;

  std::filesystem::path home_;
  bool root_ = false;
  bool sandbox_ = false;
  bool warned_ = false;
  uid_t next_ = 0; // offset into the range
  CgroupHost cgroups_;
};

} // namespace cubeflash::daemon
