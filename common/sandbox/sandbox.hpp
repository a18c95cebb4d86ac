// SPDX-License-Identifier: Apache-2.0
// The bubblewrap sandbox as an argument vector (bwrap(1)). Instances and build steps run in the
// same one; it refuses to know about either.
#pragma once

#include "common/base/process.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash {

struct Mount {
  std::filesystem::path source; // on the host
  std::filesystem::path target; // in the sandbox, absolute
  bool writable = false;
};

// What runs inside, and what it sees. The host's system directories (/usr, /bin, /sbin, /lib*, /opt
// and the parts of /etc that name resolution, users, certificates and alternatives need) are there
// read-only; /proc and /dev are new, /tmp is a private tmpfs, home directories are not there.
struct SandboxSpec {
  std::vector<Mount> mounts;
  std::string working_dir = "/";
  std::vector<std::string> env; // the whole environment, "NAME=value"
  std::vector<std::string> argv;
  std::string hostname = "localhost";
  bool init_is_argv = false;    // argv is PID 1 itself, not a child of bubblewrap's reaper
  bool die_with_parent = false; // for build steps; instances outlive the daemon
  int status_fd = -1;           // gets bubblewrap's JSON status: {"child-pid":N}, {"exit-code":N}
  std::optional<std::uint64_t> tmp_bytes; // size of /tmp; absent: the kernel's default
};

// The command that runs `spec` in a sandbox: own mount, pid, ipc, uts and user namespaces, no
// capabilities, own session. Throws Error(unavailable) when bwrap is not installed.
Command sandbox_command(const SandboxSpec& spec);

// Whether a sandbox can really be made here, found by making one (as `uid` when given). The reason
// is for people: what is missing and what to install. Cache the answer: this starts a process.
struct SandboxProbe {
  bool available = false;
  std::string reason; // empty when available
};

SandboxProbe probe_sandbox(std::optional<uid_t> uid = {});

// $PATH as it holds inside: the caller's directories that the sandbox shows, then the system's.
std::string sandbox_path();

} // namespace cubeflash
