// SPDX-License-Identifier: Apache-2.0
#include "watchdog/app.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/time.hpp"
#include "common/base/version.hpp"
#include "watchdog/config.hpp"
#include "watchdog/fork_handler.hpp"
#include "watchdog/health.hpp"
#include "watchdog/listener.hpp"
#include "watchdog/log.hpp"
#include "watchdog/server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <iterator>
#include <malloc.h>
#include <string_view>
#include <thread>

extern char**
    environ; // NOLINT(readability-redundant-declaration) - POSIX asks the program to declare it

namespace cubeflash::watchdog {

namespace {

std::vector<std::string> process_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry)
    entries.emplace_back(*entry);
  return entries;
}

std::string temp_directory() {
  for (const std::string_view entry : process_environment())
    if (entry.starts_with("TMPDIR=") && entry.size() > 7) return std::string(entry.substr(7));
  return "/tmp";
}

int check_health() {
  Config config;
  config.temp_directory = temp_directory();
  if (::access(config.lock_path().c_str(), F_OK) == 0) return 0;
  note("unable to find lock file.");
  return 1;
}

// A descriptor opened later must not take the place of a missing stdin, stdout or stderr.
void hold_standard_descriptors() {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) [[maybe_unused]]
      const int held = ::open("/", O_PATH | O_CLOEXEC);
}

// Memory goes back to the system early: an idle instance should cost next to nothing.
void keep_heap_small() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, 64 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 64 * 1024);
  ::mallopt(M_TOP_PAD, 16 * 1024);
}

void report_ready(int fd) {
  if (fd < 0) return;
  if (::write(fd, "\n", 1) != 1) note("CFLASH_READY_FD={}: {}", fd, errno_text(errno));
  ::close(fd);
}

void print_settings(const Config& config) {
  note("Version: {}\tSHA: {}", kVersion, kCommit);
  note("Timeouts: read: {} write: {} hard: {} health: {}.",
       format_duration(config.read_timeout),
       format_duration(config.write_timeout),
       format_duration(config.exec_timeout),
       format_duration(config.healthcheck_interval));
}

// What outlives the last request is killed; it becomes ours only when its parent is gone, hence
// more than one look.
void end_orphans(Handler& handler) {
  for (int i = 0; i < 40 && handler.tick(); ++i)
    std::this_thread::sleep_for(milliseconds(5));
}

int serve(const Config& config) {
  print_settings(config);
  asio::io_context io(1);
  ForkHandler handler(io, config);
  Listener listener =
      config.unix_path.empty() ? listen_on_port(config.port) : listen_on_path(config.unix_path);
  note("Listening on {}", listener.name);
  Health health(config.lock_path(), config.suppress_lock);
  Server server(io, config, handler, health, std::move(listener));
  server.start();
  report_ready(config.ready_fd);
  io.run();
  end_orphans(handler);
  if (!config.unix_path.empty()) ::unlink(config.unix_path.c_str());
  return 0;
}

} // namespace

int run_watchdog(int argc, char** argv) {
  hold_standard_descriptors();
  for (int i = 1; i < argc; ++i) {
    std::string_view flag(argv[i]);
    if (flag.starts_with("--")) flag.remove_prefix(1);
    if (flag == "-run-healthcheck") return check_health();
    if (flag == "-version") {
      note("Version: {}\tSHA: {}", kVersion, kCommit);
      return 0;
    }
    note("flag not known: {} (there are -version and -run-healthcheck)", argv[i]);
    return 2;
  }
  keep_heap_small();
  ::signal(SIGPIPE, SIG_IGN);
  try {
    return serve(read_config(process_environment()));
  } catch (const Error& error) {
    note("{}", error.what());
    if (!error.hint().empty()) note("{}", error.hint());
    return 1;
  }
}

} // namespace cubeflash::watchdog
