// SPDX-License-Identifier: Apache-2.0
// cflash daemon: this account's cflashd.
#pragma once

#include "cli/context.hpp"

#include <string>

namespace cubeflash::cli {

class Cli;

struct DaemonCommandOptions {
  std::string home; // empty: daemon_home()
  std::string listen;
  std::string engine;
  bool json = false;
  bool follow = false;
  unsigned lines = 100;
};

void add_daemon(Cli& cli);
int run_daemon_start(const DaemonCommandOptions& options, Context& context);
int run_daemon_stop(const DaemonCommandOptions& options, Context& context);
int run_daemon_status(const DaemonCommandOptions& options, Context& context);
int run_daemon_logs(const DaemonCommandOptions& options, Context& context);

} // namespace cubeflash::cli
