// SPDX-License-Identifier: Apache-2.0
// cflash logs: what a function wrote.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

namespace cubeflash::cli {

class Cli;

struct LogsOptions {
  StackFlags stack;
  ApiFlags api;
  std::string function;
  std::string instance;
  std::string since;      // a duration
  std::string since_time; // RFC 3339
  int lines = -1;
  bool follow = true; // --tail
  bool json = false;
  std::string output = "plain";
  std::string time_format = "RFC3339";
  bool with_name = false;
  bool with_instance = false;
};

void add_logs(Cli& cli);
int run_logs(const LogsOptions& options, Context& context);

} // namespace cubeflash::cli
