// SPDX-License-Identifier: Apache-2.0
// What /proc says of processes (proc(5)). It refuses to know about instances.
#pragma once

#include "common/base/fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

// A process, told from a later one that got the same number by its start time (clock ticks since
// boot).
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

struct ProcessFacts {
  ProcessIdentity identity;
  pid_t parent = 0;
  pid_t group = 0;
  bool zombie = false;
  std::chrono::milliseconds cpu{0}; // its own and of children it has waited for
  std::int64_t resident_bytes = 0;
};

// nullopt once it is gone.
std::optional<ProcessFacts> process_facts(pid_t pid);

// Running still, and the same one.
bool is_alive(const ProcessIdentity& identity);

// A pidfd that certainly means this process; empty when it has ended.
Fd open_process(const ProcessIdentity& identity);

// Never signals a later process of the same number.
void signal_process(const ProcessIdentity& identity, int signal);

std::vector<pid_t> all_processes();

// Empty when it is gone or may not be read.
std::vector<std::string> process_arguments(pid_t pid);
bool has_environment_entry(pid_t pid, const std::string& entry);
std::optional<uid_t> process_uid(pid_t pid);

// The process and everything below it.
std::vector<pid_t> process_tree(pid_t root);

// Differs after every boot: numbers of processes mean nothing across one.
std::string boot_id();

} // namespace cubeflash::daemon
