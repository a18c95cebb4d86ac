// SPDX-License-Identifier: Apache-2.0
// One function's file of lines and the one it was rotated to. It refuses to know which functions
// there are.
#pragma once

#include "common/base/fd.hpp"
#include "common/model/api.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cubeflash::daemon {

// `2026-01-02T03:04:05.123456789Z INSTANCE TEXT`, with its line break. Line breaks within become
// blanks. All times have the same width, so that they compare as text.
std::string log_file_line(const LogLine& line);

// nullopt for what is no such line.
std::optional<LogLine> parse_log_file_line(const FunctionName& function, std::string_view text);

// "x.log" -> "x.log.1"
std::filesystem::path rotated(const std::filesystem::path& file);

class LogFile {
 public:
  // Opens for appending; what a crash left of a torn last line is cut off. Throws SystemError.
  explicit LogFile(std::filesystem::path path);

  // Throws SystemError; the file then ends where it ended before.
  void append(std::string_view line, std::uint64_t max_bytes);

 private:
  void open();

  std::filesystem::path path_;
  Fd fd_;
  std::uint64_t size_ = 0;
};

} // namespace cubeflash::daemon
