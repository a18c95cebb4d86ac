// SPDX-License-Identifier: Apache-2.0
// What is going on, told on stderr: lines that stay and, on a terminal, one live line for each
// running piece of work.
#pragma once

#include "cli/context.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace cubeflash::cli {

// Safe to use from several threads.
class Progress {
 public:
  Progress(Context& context, bool quiet) : context_(context), quiet_(quiet) {}

  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A line that stays.
  void say(const std::string& line);

  // What `worker` is doing now: its live line, or a plain line where there is no terminal.
  void show(std::size_t worker, const std::string& line);
  void clear(std::size_t worker);

 private:
  void erase();
  void draw();

  Context& context_;
  bool quiet_;
  std::mutex mutex_;
  std::map<std::size_t, std::string> live_;
  std::size_t drawn_ = 0; // live lines on the screen now
};

} // namespace cubeflash::cli
