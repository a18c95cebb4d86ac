// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_control.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

extern char**
    environ; // NOLINT(readability-redundant-declaration) - POSIX asks the program to declare it

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kStartTimeout{30};
constexpr int kReadyFd = 3;
constexpr std::size_t kMaxTail = 1U << 20U;
const std::string kLogHint = "cflash daemon logs shows more";

// A process held by its pidfd, so that its number cannot come to mean another one between the check
// and the signal.
struct HeldDaemon {
  RunningDaemon daemon;
  Fd pidfd;
};

bool is_cflashd(pid_t pid) {
  try {
    return trim(read_file(fmt::format("/proc/{}/comm", pid), 4096)) == "cflashd";
  } catch (const SystemError&) {
    return false; // it has just ended
  }
}

// Also a zombie that nobody reaps, as in containers without an init, is no daemon.
bool has_ended(const Fd& pidfd) {
  pollfd wait{pidfd.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

std::optional<HeldDaemon> hold_daemon(const fs::path& home) {
  std::string text;
  try {
    text = read_file(home / "daemon.pid", 4096);
  } catch (const SystemError& error) {
    if (error.code() == ENOENT || error.code() == ENOTDIR) return std::nullopt;
    throw;
  }
  const auto lines = split(text, '\n');
  const auto pid = parse_integer<pid_t>(trim(lines[0]));
  if (!pid || *pid <= 0) return std::nullopt;
  HeldDaemon held{{*pid, lines.size() > 1 ? std::string(trim(lines[1])) : ""},
                  Fd(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)))};
  if (!held.pidfd || has_ended(held.pidfd) || !is_cflashd(*pid)) return std::nullopt;
  return held;
}

std::string find_cflashd() {
  if (const auto chosen = environment_variable("CFLASHD")) {
    if (const auto found = find_program(*chosen)) return *found;
    throw Error(ErrorKind::not_found,
                fmt::format("CFLASHD names {}, which cannot be run", *chosen));
  }
  const auto beside = executable_directory() / "cflashd";
  if (::access(beside.c_str(), X_OK) == 0) return beside;
  if (const auto found = find_program("cflashd")) return *found;
  throw Error(ErrorKind::not_found,
              "cflashd is neither beside cflash nor on PATH",
              "install it, or set CFLASHD to its path, or name a gateway with --gateway");
}

Command daemon_command(const DaemonOptions& options) {
  Command command{.program = find_cflashd()};
  command.args = {"--home", options.home};
  if (!options.listen.empty())
    command.args.insert(command.args.end(), {"--listen", options.listen});
  if (!options.engine.empty())
    command.args.insert(command.args.end(), {"--engine", options.engine});
  command.env.emplace();
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::string_view(*entry).substr(0, 16) != "CFLASH_READY_FD=")
      command.env->emplace_back(*entry);
  command.env->push_back(fmt::format("CFLASH_READY_FD={}", kReadyFd));
  command.cwd = options.home; // not the caller's directory: it must stay removable
  command.new_session = true; // outlives the terminal it was started from
  return command;
}

// Whether a newline came through the pipe. False: it was closed, so the daemon has failed.
bool wait_until_ready(const Fd& ready) {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      throw Error(ErrorKind::timeout,
                  fmt::format("cflashd did not become ready within {} s", kStartTimeout.count()),
                  kLogHint);
    pollfd wait{ready.get(), POLLIN, 0};
    const int found = ::poll(&wait, 1, static_cast<int>(left.count()));
    if (found < 0 && errno != EINTR) throw SystemError(errno, "waiting for cflashd");
    if (found <= 0) continue;
    char byte = 0;
    const ssize_t n = ::read(ready.get(), &byte, 1);
    if (n < 0 && errno == EINTR) continue;
    return n == 1;
  }
}

off_t size_of(const Fd& file) {
  struct stat status {};

  return ::fstat(file.get(), &status) == 0 ? status.st_size : 0;
}

} // namespace

fs::path daemon_log(const fs::path& home) {
  return home / "daemon.log";
}

std::string last_lines(const fs::path& file, std::size_t lines) {
  Fd fd;
  try {
    fd = open_file(file, O_RDONLY);
  } catch (const SystemError& error) {
    if (error.code() == ENOENT) return {};
    throw;
  }
  const auto size = static_cast<std::size_t>(size_of(fd));
  std::string tail(std::min(size, kMaxTail), '\0');
  const ssize_t n =
      ::pread(fd.get(), tail.data(), tail.size(), static_cast<off_t>(size - tail.size()));
  if (n < 0) throw SystemError(errno, "reading {}", file.string());
  tail.resize(static_cast<std::size_t>(n));
  while (!tail.empty() && tail.back() == '\n')
    tail.pop_back();
  std::size_t start = tail.size();
  for (std::size_t seen = 0; seen < lines && start != std::string::npos && start > 0; ++seen)
    start = tail.rfind('\n', start - 1);
  return lines == 0 ? std::string()
                    : tail.substr(start == std::string::npos || start == 0 ? 0 : start + 1);
}

std::optional<RunningDaemon> find_daemon(const fs::path& home) {
  auto held = hold_daemon(home);
  return held ? std::optional(held->daemon) : std::nullopt;
}

RunningDaemon start_daemon(const DaemonOptions& options) {
  std::error_code failure;
  fs::create_directories(options.home.parent_path(), failure);
  if (::mkdir(options.home.c_str(), 0700) != 0 && errno != EEXIST)
    throw SystemError(errno, "creating {}", options.home.string());
  const auto command = daemon_command(options);
  const Fd log = open_file(daemon_log(options.home), O_WRONLY | O_CREAT | O_APPEND, 0600);
  Pipe ready = Pipe::create();
  Process daemon = spawn(command, Stdio{-1, log.get(), log.get(), {{ready.write.get(), kReadyFd}}});
  ready.write.reset();
  if (!wait_until_ready(ready.read)) {
    const auto status = daemon.terminate(std::chrono::seconds(5));
    const auto lines = last_lines(daemon_log(options.home), 10);
    throw Error(ErrorKind::failed,
                fmt::format("cflashd did not start: {}", status.describe()),
                fmt::format("the end of {}:\n{}", daemon_log(options.home).string(), lines));
  }
  RunningDaemon running{daemon.detach(), {}};
  if (const auto found = find_daemon(options.home)) running.url = found->url;
  return running;
}

bool stop_daemon(const fs::path& home, std::chrono::milliseconds timeout) {
  const auto held = hold_daemon(home);
  if (!held) return false;
  if (::syscall(SYS_pidfd_send_signal, held->pidfd.get(), SIGTERM, nullptr, 0) != 0) {
    if (errno == ESRCH) return true;
    throw SystemError(errno, "stopping cflashd (pid {})", held->daemon.pid);
  }
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      throw Error(ErrorKind::timeout,
                  fmt::format("cflashd (pid {}) is still there {} s after SIGTERM",
                              held->daemon.pid,
                              timeout.count() / 1000),
                  kLogHint);
    pollfd wait{held->pidfd.get(), POLLIN, 0};
    const int ended = ::poll(&wait, 1, static_cast<int>(left.count()));
    if (ended < 0 && errno != EINTR) throw SystemError(errno, "waiting for cflashd");
    if (ended > 0) return true;
  }
}

} // namespace cubeflash::cli
