// SPDX-License-Identifier: Apache-2.0
// Starting, finding and stopping this account's cflashd. It refuses to know the daemon's API.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace cubeflash::cli {

struct RunningDaemon {
  pid_t pid = -1;
  std::string url; // "" when the daemon did not write it
};

// The daemon that `home`/daemon.pid names, if that process still is a cflashd.
std::optional<RunningDaemon> find_daemon(const std::filesystem::path& home);

struct DaemonOptions {
  std::filesystem::path home;
  std::string listen; // "ADDR:PORT"; empty: the daemon's default
  std::string engine; // empty: the daemon's default
};

// Starts cflashd ($CFLASHD, else beside this executable, else on PATH) in a session of its own, its
// output appended to `home`/daemon.log, and returns once it serves. Throws Error(not_found) without
// a cflashd, Error(failed) with the last lines of the log when it ended first, Error(timeout) when
// it never became ready; it is ended then.
RunningDaemon start_daemon(const DaemonOptions& options);

// SIGTERM, then waits for its end. False when none ran. Throws Error(timeout) when it is still
// there.
bool stop_daemon(const std::filesystem::path& home,
                 std::chrono::milliseconds timeout = std::chrono::seconds(60));

std::filesystem::path daemon_log(const std::filesystem::path& home);

// The last `lines` lines of a file, without reading all of it; "" when there is none.
std::string last_lines(const std::filesystem::path& file, std::size_t lines);

} // namespace cubeflash::cli
