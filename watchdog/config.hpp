// SPDX-License-Identifier: Apache-2.0
// The watchdog's settings, read once from the environment. Knows names, defaults and spellings;
// refuses to know what is done with them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cubeflash::watchdog {

using std::chrono::milliseconds;

enum class Mode { fork };

struct Config {
  Mode mode = Mode::fork;
  std::vector<std::string> process;     // fprocess, split at every single space
  std::vector<std::string> environment; // what handlers inherit: "NAME=value", without CFLASH_*

  std::string unix_path; // CFLASH_LISTEN=unix:...; empty: `port`
  std::uint16_t port = 8080;
  int ready_fd = -1;

  milliseconds read_timeout{30'000};  // waiting for a client to send a request; 0: none
  milliseconds write_timeout{30'000}; // from a request's header to the end of its answer; 0: none
  milliseconds exec_timeout{0};       // of a handler; 0: none
  milliseconds healthcheck_interval{30'000};

  bool combine_output = true;
  bool cgi_headers = true;
  bool marshal_request = false;
  bool write_debug = false;
  bool debug_headers = false;
  bool suppress_lock = false;
  std::string content_type;               // empty: the request's
  std::uint64_t max_inflight = 0;         // 0: no limit
  std::uint64_t max_output = 1ULL << 30U; // bytes of one answer

  std::string temp_directory = "/tmp";

  std::string lock_path() const { return temp_directory + "/.lock"; }
};

// Throws Error(usage | unsupported) for what it must not start with. Values that mean nothing fall
// back to the default, as functions' images rely on it.
Config read_config(const std::vector<std::string>& environment);

} // namespace cubeflash::watchdog
