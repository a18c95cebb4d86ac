// SPDX-License-Identifier: Apache-2.0
#include "common/base/log.hpp"

#include "common/base/time.hpp"

#include <unistd.h>

#include <atomic>

namespace cubeflash {

namespace {

std::atomic<LogLevel> g_level{LogLevel::info};

const char* level_name(LogLevel level) {
  switch (level) {
  case LogLevel::debug:
    return "debug";
  case LogLevel::info:
    return "info ";
  case LogLevel::warning:
    return "warn ";
  case LogLevel::error:
    return "error";
  }
  return "?";
}

} // namespace

void set_log_level(LogLevel level) {
  g_level = level;
}

bool log_enabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void log_line(LogLevel level, std::string_view message) {
  if (!log_enabled(level)) return;
  std::string line =
      fmt::format("{} {} ", format_rfc3339(std::chrono::system_clock::now(), 3), level_name(level));
  for (const char c : message) {
    if (c == '\n')
      line += "\\n";
    else if (c == '\r')
      line += "\\r";
    else
      line += c;
  }
  line += '\n';
  // A log that cannot be written has nowhere to be reported.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace cubeflash
