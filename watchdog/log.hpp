// SPDX-License-Identifier: Apache-2.0
// The watchdog's lines on stderr, in the form that OpenFaaS clients look for: `2026/01/02 03:04:05
// message`. They never block: while nobody reads them they wait in a bounded buffer, then they are
// counted and dropped.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace cubeflash::watchdog {

void note_line(std::string_view message);

template <typename... Args>
void note(fmt::format_string<Args...> format, Args&&... args) {
  note_line(fmt::format(format, std::forward<Args>(args)...));
}

// Bytes for stdout, as they are (write_debug).
void print_bytes(std::string_view bytes);

// Tries again what could not be written; false while something still waits.
bool flush_notes();

// What a handler writes to its stderr, noted line by line as `stderr: ...`. A line longer than 64
// KiB comes in parts.
class StderrLines {
 public:
  void append(std::string_view data);

  // The last line may have no line break.
  void finish();

 private:
  std::string partial_;
};

} // namespace cubeflash::watchdog
