// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/leftovers.hpp"

#include "daemon/engine/local/cgroup.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace cubeflash::daemon {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{5}; // a killed process needs a moment to be gone

// bubblewrap and the plain watchdog only: an editor that has a file of the directory open is not
// ours.
bool names_directory(const std::vector<std::string>& arguments,
                     const InstanceDirectory& directory) {
  if (arguments.empty()) return false;
  if (arguments[0] == plain_argv0(directory)) return true;
  if (std::filesystem::path(arguments[0]).filename() != "bwrap") return false;
  const auto socket_directory = directory.socket_directory().string();
  return std::find(arguments.begin(), arguments.end(), socket_directory) != arguments.end();
}

void kill_group(const ProcessIdentity& leader) {
  // While the leader is there, nobody else's group can have its number.
  if (is_alive(leader)) ::kill(-leader.pid, SIGKILL);
}

} // namespace

std::string instance_marker(const std::string& id) {
  return "CFLASH_INSTANCE=" + id;
}

std::string plain_argv0(const InstanceDirectory& directory) {
  return "cflash-watchdog:" + directory.path().string();
}

ProcessIdentity sandbox_init(const InstanceDirectory& directory, const InstanceRecord& record) {
  const auto child = directory.read_status().child_pid;
  const auto facts = child ? process_facts(*child) : std::nullopt;
  if (!facts || facts->zombie) return {};
  // The number may have gone to somebody else since: it must be bubblewrap's child, or carry the
  // instance's signs.
  const bool ours = facts->parent == record.process.pid ||
                    (record.uid && process_uid(*child) == record.uid) ||
                    has_environment_entry(*child, instance_marker(record.id));
  return ours ? facts->identity : ProcessIdentity{};
}

std::vector<ProcessIdentity> find_processes(const InstanceDirectory& directory,
                                            const InstanceRecord& record) {
  const auto marker = instance_marker(record.id);
  const auto init = sandbox_init(directory, record);
  const auto members = Cgroup(record.cgroups).members();
  std::vector<ProcessIdentity> found;
  for (const pid_t pid : all_processes()) {
    if (pid == ::getpid()) continue;
    const auto facts = process_facts(pid);
    if (!facts || facts->zombie) continue;
    const bool ours = facts->identity == record.process || facts->identity == init ||
                      std::binary_search(members.begin(), members.end(), pid) ||
                      (record.uid && process_uid(pid) == record.uid) ||
                      has_environment_entry(pid, marker) ||
                      names_directory(process_arguments(pid), directory);
    if (ours) found.push_back(facts->identity);
  }
  return found;
}

void kill_instance(const InstanceDirectory& directory, const InstanceRecord& record) {
  // bubblewrap first: it reports its child before it lets it go on, so once it is dead the status
  // is complete.
  kill_group(record.process);
  if (record.isolation == Isolation::sandbox)
    signal_process(sandbox_init(directory, record), SIGKILL);
  Cgroup(record.cgroups).kill();
}

bool end_processes(const InstanceDirectory& directory,
                   const InstanceRecord& record,
                   std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  for (;;) {
    kill_instance(directory, record);
    const auto found = find_processes(directory, record);
    if (found.empty()) return true;
    for (const auto& process : found)
      signal_process(process, SIGKILL);
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
}

bool end_unrecorded(const InstanceDirectory& directory,
                    const InstanceRecord& record,
                    std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  do {
    if (!end_processes(directory, record, limit)) return false;
    // A fork that has not come to its exec holds the output already.
    if (!directory.is_log_held()) return true;
    std::this_thread::sleep_for(kPause);
  } while (Clock::now() < deadline);
  return false;
}

} // namespace cubeflash::daemon
