// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/process_table.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace cubeflash::daemon {

namespace {

// A file of a process; nullopt when the process is gone or the file may not be read.
std::optional<std::string> read_process_file(pid_t pid, std::string_view name) {
  try {
    return read_file(fmt::format("/proc/{}/{}", pid, name));
  } catch (const SystemError&) {
    return std::nullopt;
  }
}

template <typename Integer>
Integer field(const std::vector<std::string>& fields, std::size_t index) {
  return index < fields.size() ? parse_integer<Integer>(fields[index]).value_or(0) : 0;
}

} // namespace

std::optional<ProcessFacts> process_facts(pid_t pid) {
  const auto text = read_process_file(pid, "stat");
  if (!text) return std::nullopt;
  // The name, field 2, may hold blanks and parentheses: the fields behind its last ')' start with
  // field 3, the state.
  const auto end_of_name = text->rfind(')');
  if (end_of_name == std::string::npos || end_of_name + 2 > text->size()) return std::nullopt;
  const auto fields = split(trim(std::string_view(*text).substr(end_of_name + 2)), ' ');
  if (fields.size() < 22) return std::nullopt;
  const auto ticks = field<std::int64_t>(fields, 11) + field<std::int64_t>(fields, 12) +
                     field<std::int64_t>(fields, 13) + field<std::int64_t>(fields, 14);
  return ProcessFacts{.identity = {pid, field<std::uint64_t>(fields, 19)},
                      .parent = field<pid_t>(fields, 1),
                      .group = field<pid_t>(fields, 2),
                      .zombie = fields[0] == "Z" || fields[0] == "X",
                      .cpu = std::chrono::milliseconds(ticks * 1000 / ::sysconf(_SC_CLK_TCK)),
                      .resident_bytes = field<std::int64_t>(fields, 21) * ::sysconf(_SC_PAGESIZE)};
}

bool is_alive(const ProcessIdentity& identity) {
  if (identity.pid <= 0) return false;
  const auto facts = process_facts(identity.pid);
  return facts && !facts->zombie && facts->identity == identity;
}

Fd open_process(const ProcessIdentity& identity) {
  if (identity.pid <= 0) return Fd();
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, identity.pid, 0)));
  // Looked at after opening: from here on the descriptor cannot come to mean another process.
  if (pidfd && !is_alive(identity)) pidfd.reset();
  return pidfd;
}

void signal_process(const ProcessIdentity& identity, int signal) {
  const Fd pidfd = open_process(identity);
  if (pidfd) ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), &::closedir);
  if (!proc) throw SystemError(errno, "opening /proc");
  while (const dirent* entry =
             ::readdir(proc.get())) // NOLINT(concurrency-mt-unsafe) - a stream of its own
    if (const auto pid = parse_integer<pid_t>(entry->d_name)) pids.push_back(*pid);
  return pids;
}

std::vector<std::string> process_arguments(pid_t pid) {
  auto text = read_process_file(pid, "cmdline");
  if (!text || text->empty()) return {};
  if (text->back() == '\0') text->pop_back();
  return split(*text, '\0');
}

bool has_environment_entry(pid_t pid, const std::string& entry) {
  const auto text = read_process_file(pid, "environ");
  if (!text) return false;
  const auto entries = split(*text, '\0');
  return std::find(entries.begin(), entries.end(), entry) != entries.end();
}

std::optional<uid_t> process_uid(pid_t pid) {
  // The owner of /proc/PID is root for a process that may not be dumped; its status file tells the
  // real one.
  const auto text = read_process_file(pid, "status");
  if (!text) return std::nullopt;
  for (const auto& line : split(*text, '\n'))
    if (line.starts_with("Uid:"))
      return parse_integer<uid_t>(split(trim(line.substr(4)), '\t').front());
  return std::nullopt;
}

std::vector<pid_t> process_tree(pid_t root) {
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size() && found.size() < 4096; ++i) {
    const pid_t pid = found[i];
    const auto children = read_process_file(pid, fmt::format("task/{}/children", pid));
    if (!children) continue;
    for (const auto& word : split(trim(*children), ' '))
      if (const auto child = parse_integer<pid_t>(word)) found.push_back(*child);
  }
  return found;
}

std::string boot_id() {
  return std::string(trim(read_file("/proc/sys/kernel/random/boot_id")));
}

} // namespace cubeflash::daemon
