// SPDX-License-Identifier: Apache-2.0
// Child processes. The five properties of every child: an argv vector (never a shell string), a
// process group of its own, an owner, a deadline, bounded output; and no descriptor beyond those
// named here is inherited.
#pragma once

#include "common/base/fd.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cubeflash {

using std::chrono::milliseconds;

// How a child ended; wraps a wait(2) status.
class ExitStatus {
 public:
  explicit ExitStatus(int wait_status = 0) noexcept : status_(wait_status) {}

  bool ok() const noexcept { return status_ == 0; }

  std::optional<int> code() const noexcept;   // absent when a signal ended it
  std::optional<int> signal() const noexcept; // absent when it exited

  // "exit status 3", "killed by signal 9 (Killed)"
  std::string describe() const;

 private:
  int status_;
};

struct Command {
  std::string program;             // looked up in the caller's PATH unless it has a slash
  std::vector<std::string> args{}; // argv[1..]
  std::string argv0{};             // empty: `program`
  std::optional<std::vector<std::string>> env{}; // "NAME=value"; absent: the caller's environment
  std::string cwd{};                             // empty: the caller's
  bool new_session = false; // spawn() only: leads a session of its own, so it outlives the terminal
};

// Borrowed descriptors that the child gets; -1 means /dev/null.
struct Stdio {
  int in = -1;
  int out = -1;
  int err = -1;
  std::vector<std::pair<int, int>> more{}; // {descriptor here, number in the child >= 3}
};

// What is taken away from a child between fork and exec, in this order: cgroups, limits,
// credentials.
struct Confinement {
  std::vector<int> cgroup_procs{};              // open cgroup.procs files to join (borrowed)
  std::vector<std::pair<int, rlimit>> limits{}; // {RLIMIT_..., value}
  std::optional<uid_t> uid{};                   // with the same gid and no supplementary groups
  bool no_new_privileges = true;
};

// Owns one running child. Explicit: no conversion from or to a pid.
class Process {
 public:
  Process() = default;
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Ends an unfinished child: SIGKILL to its group, then reaps it.
  ~Process();

  explicit operator bool() const noexcept { return pid_ > 0; }

  pid_t pid() const noexcept { return pid_; }

  // Readable once the child has ended; borrowed, -1 when there is none.
  int pidfd() const noexcept { return pidfd_.get(); }

  // Whether it has ended within `timeout`. What is left of its group is then killed while the
  // zombie still pins the group's number, and it is reaped.
  std::optional<ExitStatus> wait_for(milliseconds timeout);

  void signal_group(int signal) const noexcept;

  // SIGTERM to the group, `grace`, SIGKILL to the group, reap.
  ExitStatus terminate(milliseconds grace);

  // Gives up ownership: the child goes on. It stays a zombie after its end until this process reaps
  // it or ends.
  pid_t detach() noexcept;

 private:
  friend Process spawn(const Command&, const Stdio&);
  friend Process spawn_confined(const Command&, const Stdio&, const Confinement&);
  explicit Process(pid_t pid);
  ExitStatus reap();

  pid_t pid_ = -1;
  Fd pidfd_;
};

// Starts a child in its own process group with default signals. Throws SystemError naming the
// program (ENOENT when it is missing).
Process spawn(const Command& command, const Stdio& stdio);

// The same with less privilege; costs a fork instead of a vfork.
Process spawn_confined(const Command& command, const Stdio& stdio, const Confinement& confinement);

struct RunOptions {
  std::string input;                 // fed to stdin
  milliseconds timeout{30'000};      // then the group is killed
  std::size_t max_output = 1U << 20; // bytes kept of each stream; the rest is read and dropped
};

struct ProcessResult {
  ExitStatus status;
  std::string out;
  std::string err;
  bool timed_out = false;
  bool truncated = false;
};

// Runs a command to its end, both pipes drained at once. Blocks; throws SystemError only when it
// cannot start.
ProcessResult run(const Command& command, const RunOptions& options = {});

} // namespace cubeflash
