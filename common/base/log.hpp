// SPDX-License-Identifier: Apache-2.0
// One line per event on stderr: `2026-01-02T03:04:05.678Z info  message key=value`. For programs
// that run unattended; the CLI talks to people instead and does not use it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace cubeflash {

enum class LogLevel { debug, info, warning, error };

// Lines below this level are dropped. Set once, before threads start. Default: info.
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

// Writes one line with a single write(2), so lines of several threads do not mix. Line breaks in
// `message` are escaped.
void log_line(LogLevel level, std::string_view message);

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::debug))
    log_line(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}

} // namespace cubeflash
