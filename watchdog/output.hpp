// SPDX-License-Identifier: Apache-2.0
// What a handler wrote, held until its exit status is known: in memory at first, the rest in a file
// without a name, never more than a limit.
#pragma once

#include "common/base/fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cubeflash::watchdog {

class Output {
 public:
  static constexpr std::size_t kMemory = 256 * 1024;

  Output(std::uint64_t limit, std::string temp_directory)
      : limit_(limit), temp_directory_(std::move(temp_directory)) {}

  // Throws Error(too_large) past the limit, SystemError when the file cannot be written.
  void append(std::string_view data);

  std::uint64_t size() const { return memory_.size() + file_size_; }

  // The first part; the whole when there is no file.
  std::string_view memory() const { return memory_; }

  // The rest, from the file's start; -1 when there is none. Borrowed.
  int file() const { return file_.get(); }

  std::uint64_t file_size() const { return file_size_; }

 private:
  void spill(std::string_view data);

  std::uint64_t limit_;
  std::string temp_directory_;
  std::string memory_;
  Fd file_;
  std::uint64_t file_size_ = 0;
};

} // namespace cubeflash::watchdog
