// SPDX-License-Identifier: Apache-2.0
// One instance on disk: home/run/instances/<id>/ with its record, its output pipe, the sandbox's
// status and the socket. It refuses to know how the processes are started or ended.
#pragma once

#include "common/base/fd.hpp"
#include "daemon/engine/local/instance_record.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

// What bubblewrap reported of its child.
struct SandboxStatus {
  std::optional<pid_t> child_pid; // PID 1 of the sandbox, as numbered outside
  std::optional<int> exit_code;   // above 128: 128 + the signal
};

class InstanceDirectory {
 public:
  explicit InstanceDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path socket_directory() const { return path_ / "sock"; }

  std::filesystem::path socket() const { return path_ / "sock" / "http.sock"; }

  std::filesystem::path temporary() const { return path_ / "tmp"; }

  std::filesystem::path log() const { return path_ / "log"; }

  // Makes the directory, the pipe and the socket's directory; what the instance itself uses belongs
  // to `uid` when given. Throws SystemError.
  void create(std::optional<uid_t> uid) const;

  // Replaced at once: a reader sees the old or the new one. Not synced, since a power cut ends the
  // instance as well.
  void write_record(const InstanceRecord& record) const;

  // nullopt when there is none that is whole.
  std::optional<InstanceRecord> read_record() const;

  SandboxStatus read_status() const;

  // The file that bubblewrap appends its status to.
  Fd open_status() const;

  // The reader's end of the output. Open for both, so it never reads an end when no writer is
  // there.
  Fd open_log() const;

  // The writer's end: also open for both, so an instance gets no SIGPIPE while no daemon reads.
  Fd open_log_for_writing() const;

  // Whether a process still has the output open. Only meaningful while this process has not.
  bool is_log_held() const;

  // Everything, whoever owns it. Absence is no error.
  void remove() const;

 private:
  std::filesystem::path path_;
};

// home/run/instances
std::filesystem::path instances_directory(const std::filesystem::path& home);

std::vector<InstanceDirectory> list_instance_directories(const std::filesystem::path& home);

// The first directory on the way to `path` that another account may not pass; nullopt when there is
// none.
std::optional<std::filesystem::path> first_closed_directory(const std::filesystem::path& path);

} // namespace cubeflash::daemon
