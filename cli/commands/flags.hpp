// SPDX-License-Identifier: Apache-2.0
// Flags that several commands share, as values and as declarations.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace cubeflash::cli {

// Which stack file, and which of its functions.
struct StackFlags {
  std::string yaml;
  std::string regex;
  std::string filter;
  bool substitute = true;
};

// Which daemon, and who asks.
struct ApiFlags {
  std::string gateway;
  std::string space; // --namespace
  std::string token;
  bool tls_no_verify = false;
  std::chrono::milliseconds timeout{60'000}; // one API call
};

void add_api_flags(CLI::App& command, ApiFlags& flags);
void add_json_flag(CLI::App& command, bool& json);

// A repeatable option that takes exactly one value each time; CLI11's default would swallow what
// follows.
CLI::Option* add_list_option(CLI::App& command,
                             const std::string& names,
                             std::vector<std::string>& values,
                             const std::string& description,
                             const std::string& type);

// A Go-style duration; anything else is a usage error.
CLI::Option* add_duration_option(CLI::App& command,
                                 const std::string& names,
                                 std::chrono::milliseconds& value,
                                 const std::string& description);

} // namespace cubeflash::cli
