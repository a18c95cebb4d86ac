// SPDX-License-Identifier: Apache-2.0
// The daemon's settings: flags over environment over defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cubeflash::daemon {

struct Config {
  std::filesystem::path home;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080; // 0: the kernel chooses
  std::string engine = "local";
  unsigned threads = 0; // 0: one a core
  bool debug = false;
};

// Parses the command line. A value: run with it; absent: `exit_code` is set, and what had to be
// said was said.
std::optional<Config> parse_command_line(int argc, char** argv, int& exit_code);

// "ADDR:PORT", "[ADDR6]:PORT", ":PORT" (all addresses) or "PORT". Throws Error(usage).
void parse_listen(const std::string& text, Config& config);

} // namespace cubeflash::daemon
