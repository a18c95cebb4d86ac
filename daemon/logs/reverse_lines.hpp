// SPDX-License-Identifier: Apache-2.0
// A text file's lines, last one first, read in blocks from its end. It refuses to know what the
// lines say.
#pragma once

#include "common/base/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cubeflash::daemon {

class ReverseLines {
 public:
  // Begins at the file's present end. What follows the last line break is not a line yet, or was
  // torn by a crash: it is left out. A missing file has no lines. Throws SystemError.
  explicit ReverseLines(const std::filesystem::path& file);

  // Without its line break; nullopt at the beginning of the file.
  std::optional<std::string> next();

 private:
  bool read_block();

  std::filesystem::path file_;
  Fd fd_;
  std::uint64_t start_ = 0; // of buffer_ in the file
  std::string buffer_;      // what was read and not given out; ends with a line break, or is empty
};

// How many bytes at the file's beginning are whole lines.
std::uint64_t whole_lines_size(int fd);

} // namespace cubeflash::daemon
