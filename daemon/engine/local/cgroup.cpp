// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/cgroup.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kCpuPeriod = 100'000; // microseconds, the kernel's default
constexpr std::int64_t kMinCpuQuota = 1'000; // the kernel refuses less

void write_setting(const fs::path& file, std::string_view value) {
  const Fd fd = open_file(file, O_WRONLY);
  with_context(file.string(), [&] { write_all(fd.get(), value); });
}

// Where the file exists; nullopt elsewhere.
std::optional<std::string> read_setting(const fs::path& file) {
  try {
    return read_file(file, 1U << 20U);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// `12` of a line "oom_kill 12".
std::optional<std::int64_t> counter(const std::string& text, std::string_view name) {
  for (const auto& line : split(text, '\n'))
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ')
      return parse_integer<std::int64_t>(trim(std::string_view(line).substr(name.size() + 1)));
  return std::nullopt;
}

void limit_memory(const fs::path& directory, std::int64_t bytes) {
  const auto value = std::to_string(bytes);
  if (fs::exists(directory / "memory.max")) {
    write_setting(directory / "memory.max", value);
    if (fs::exists(directory / "memory.swap.max"))
      write_setting(directory / "memory.swap.max", "0");
  } else if (fs::exists(directory / "memory.limit_in_bytes")) {
    write_setting(directory / "memory.limit_in_bytes", value);
    // Memory and swap together; only there when the kernel accounts swap.
    if (fs::exists(directory / "memory.memsw.limit_in_bytes"))
      write_setting(directory / "memory.memsw.limit_in_bytes", value);
  }
}

void limit_cpu(const fs::path& directory, std::int64_t millis) {
  const auto quota = std::to_string(std::max(kMinCpuQuota, millis * kCpuPeriod / 1000));
  if (fs::exists(directory / "cpu.max"))
    write_setting(directory / "cpu.max", fmt::format("{} {}", quota, kCpuPeriod));
  else if (fs::exists(directory / "cpu.cfs_quota_us"))
    write_setting(directory / "cpu.cfs_quota_us", quota);
}

} // namespace

void Cgroup::create(const CgroupLimits& limits) const {
  for (const auto& directory : directories_) {
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST)
      throw SystemError(errno, "creating cgroup {}", directory.string());
    if (limits.memory_bytes) limit_memory(directory, *limits.memory_bytes);
    if (limits.cpu_millis) limit_cpu(directory, *limits.cpu_millis);
    if (fs::exists(directory / "pids.max"))
      write_setting(directory / "pids.max", std::to_string(limits.max_processes));
  }
}

std::vector<Fd> Cgroup::open_joining() const {
  std::vector<Fd> files;
  for (const auto& directory : directories_) {
    // v1's `tasks` moves one thread and does without the lock over all processes that makes a write
    // to `cgroup.procs` wait 10 to 20 ms. v2 has no such file.
    const bool v1 = fs::exists(directory / "tasks");
    files.push_back(open_file(directory / (v1 ? "tasks" : "cgroup.procs"), O_WRONLY));
  }
  return files;
}

std::vector<pid_t> Cgroup::members() const {
  std::vector<pid_t> pids;
  for (const auto& directory : directories_)
    for (const auto& line : split(read_setting(directory / "cgroup.procs").value_or(""), '\n'))
      if (const auto pid = parse_integer<pid_t>(line); pid && *pid > 0) pids.push_back(*pid);
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

void Cgroup::kill() const {
  for (const auto& directory : directories_) {
    const Fd all(::open((directory / "cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
    if (all && ::write(all.get(), "1", 1) == 1) return;
  }
  for (const pid_t pid : members())
    ::kill(pid, SIGKILL);
}

bool Cgroup::remove() const {
  bool gone = true;
  for (const auto& directory : directories_)
    if (::rmdir(directory.c_str()) != 0 && errno != ENOENT) gone = false;
  return gone;
}

std::uint64_t Cgroup::out_of_memory_kills() const {
  for (const auto& directory : directories_)
    for (const char* file : {"memory.events", "memory.oom_control"})
      if (const auto text = read_setting(directory / file))
        if (const auto kills = counter(*text, "oom_kill"))
          return static_cast<std::uint64_t>(*kills);
  return 0;
}

std::optional<Engine::Usage> Cgroup::usage() const {
  std::optional<std::int64_t> memory;
  std::optional<std::int64_t> cpu_micros;
  for (const auto& directory : directories_) {
    for (const char* file : {"memory.current", "memory.usage_in_bytes"})
      if (const auto text = read_setting(directory / file))
        memory = parse_integer<std::int64_t>(trim(*text));
    // Pages of files that can be dropped at once are not the instance's need.
    if (const auto text = read_setting(directory / "memory.stat"); text && memory) {
      auto dropped = counter(*text, "total_inactive_file");
      if (!dropped) dropped = counter(*text, "inactive_file");
      memory = std::max<std::int64_t>(0, *memory - dropped.value_or(0));
    }
    if (const auto text = read_setting(directory / "cpuacct.usage"))
      cpu_micros = parse_integer<std::int64_t>(trim(*text)).value_or(0) / 1000;
    else if (const auto stat = read_setting(directory / "cpu.stat"); stat && !cpu_micros)
      cpu_micros = counter(*stat, "usage_usec");
  }
  if (!memory || !cpu_micros) return std::nullopt;
  return Engine::Usage{*memory, milliseconds(*cpu_micros / 1000)};
}

} // namespace cubeflash::daemon
