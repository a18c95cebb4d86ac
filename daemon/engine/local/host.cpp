// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/host.hpp"

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/sandbox/sandbox.hpp"
#include "daemon/engine/local/instance_directory.hpp"
#include "daemon/engine/local/process_table.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <functional>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

// Owners of /proc/PID. Cheap, and enough to stay clear of another daemon's instances.
std::set<uid_t> uids_in_use() {
  std::set<uid_t> uids;
  for (const pid_t pid : all_processes()) {
    struct stat status {};

    if (::stat(fmt::format("/proc/{}", pid).c_str(), &status) == 0) uids.insert(status.st_uid);
  }
  return uids;
}

} // namespace

Host Host::prepare(const fs::path& home, bool allow_sandbox) {
  Host host;
  host.home_ = home;
  host.root_ = ::geteuid() == 0;
  // Two daemons of one host begin at different numbers.
  host.next_ = static_cast<uid_t>(std::hash<std::string>{}(home.string()) % kUidRange);
  fs::create_directories(instances_directory(home));
  host.open_way(instances_directory(home));
  host.cgroups_ = CgroupHost::detect();
  std::string reason = "it was turned off";
  if (allow_sandbox) {
    const auto probe = probe_sandbox(host.root_ ? std::optional(kFirstUid) : std::nullopt);
    host.sandbox_ = probe.available;
    reason = probe.reason;
  }
  if (!host.sandbox_)
    log_warning(
        "no sandbox: functions run as plain processes and can see this machine's files ({})",
        reason);
  host.report();
  return host;
}

void Host::report() const {
  const auto limit = [&](const char* controller, const char* else_text) {
    return cgroups_.has(controller) ? "cgroup" : else_text;
  };
  log_info("local engine isolation={} account={} memory_limit={} cpu_limit={} process_limit={} "
           "cgroups=\"{}\"",
           sandbox_ ? "sandbox" : "plain",
           root_ ? "one for each instance" : "the daemon's",
           limit("memory", "rlimit (each process)"),
           limit("cpu", "none"),
           limit("pids", root_ ? "rlimit" : "none"),
           cgroups_.describe());
}

// 0711 on what is ours below home, home included: others may pass, not look.
void Host::open_way(const fs::path& path) const {
  if (!root_) return;
  auto directory = home_;
  const auto open = [](const fs::path& at) {
    struct stat status {};

    if (::stat(at.c_str(), &status) == 0 && status.st_uid == 0 && (status.st_mode & 0011U) != 0011U)
      ::chmod(at.c_str(), (status.st_mode & 07777U) | 0011U);
  };
  open(directory);
  for (const auto& part : path.lexically_relative(home_)) {
    if (part == ".." || part == ".") return; // not below home: not ours to change
    open(directory /= part);
  }
}

std::optional<uid_t> Host::choose_uid(const fs::path& image_root, const std::set<uid_t>& used) {
  if (!root_) return std::nullopt;
  open_way(image_root);
  auto closed = first_closed_directory(instances_directory(home_));
  if (!closed) closed = first_closed_directory(image_root);
  if (closed) {
    const auto hint = fmt::format("chmod o+x {}, or choose another home", closed->string());
    if (!sandbox_)
      throw Error(ErrorKind::denied,
                  fmt::format("an instance's own account cannot pass {}", closed->string()),
                  hint);
    if (!warned_)
      log_warning("instances cannot have accounts of their own, since others cannot pass {}: they "
                  "run as root without "
                  "capabilities, in a user namespace ({})",
                  closed->string(),
                  hint);
    warned_ = true;
    return std::nullopt;
  }
  const auto in_use = uids_in_use();
  for (uid_t tried = 0; tried < kUidRange; ++tried) {
    const uid_t uid = kFirstUid + next_;
    next_ = (next_ + 1) % kUidRange;
    if (!used.contains(uid) && !in_use.contains(uid)) return uid;
  }
  throw Error(ErrorKind::unavailable,
              fmt::format("all {} accounts for instances are in use", kUidRange));
}

} // namespace cubeflash::daemon
