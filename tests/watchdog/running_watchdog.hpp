// SPDX-License-Identifier: Apache-2.0
// The real cflash-watchdog as a child of a test, with a directory of its own.
#pragma once

#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "tests/watchdog/http_client.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::test {

class RunningWatchdog {
 public:
  using Environment = std::vector<std::string>;

  // "{dir}" in fprocess and the environment becomes directory(). Returns once it is ready, or has
  // ended.
  explicit RunningWatchdog(const std::string& fprocess,
                           Environment environment = {},
                           bool tcp = false);

  HttpClient connect() const;
  Reply exchange(std::string_view bytes) const;

  // What it wrote to stderr so far.
  std::string log() const;
  std::string output() const; // stdout

  void signal(int number) const;
  std::optional<ExitStatus> wait(milliseconds timeout);

  pid_t pid() const { return process_.pid(); }

  const std::filesystem::path& directory() const { return directory_.path(); }

  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

  bool was_ready() const { return ready_; }

 private:
  TemporaryDirectory directory_;
  Process process_;
  bool tcp_;
  bool ready_ = false;
};

std::string watchdog_program();

// "<the misbehaving handler> <arguments>"
std::string ugly(const std::string& arguments);

// Polls until it is true; false after `timeout`.
bool wait_until(const std::function<bool()>& condition,
                milliseconds timeout = milliseconds(20'000));

// The pid that a handler wrote there; waits for it.
pid_t read_pid(const std::string& path);
bool is_gone(pid_t pid);

// A field of /proc/<pid>/status in KiB.
long status_kib(pid_t pid, std::string_view field);
std::size_t count_open_files(pid_t pid);
std::vector<pid_t> children_of(pid_t pid);

// Memory limits mean nothing with a sanitizer's shadow memory.
bool is_sanitized();

} // namespace cubeflash::test
