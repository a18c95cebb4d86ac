// SPDX-License-Identifier: Apache-2.0
// What build steps print: a bounded file, and the last lines for an error message. It refuses to
// know what ran.
#pragma once

#include "common/base/fd.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace cubeflash::cli {

class StepLog {
 public:
  static constexpr std::size_t kDefaultLimit = 16U << 20U;

  // Begins an empty file; its directory is made when missing.
  explicit StepLog(std::filesystem::path file, std::size_t max_bytes = kDefaultLimit);

  const std::filesystem::path& file() const { return file_; }

  // Past the limit the file gets a note instead; the last lines go on.
  void write(std::string_view output);

  // A line of ours, "$ pip3 install ...", and the last lines begin anew.
  void begin_step(const std::string& command);

  // The last `count` lines that the current step printed, without control characters.
  std::string last_lines(std::size_t count) const;

  // After a build that went well.
  void remove();

 private:
  std::filesystem::path file_;
  Fd fd_;
  std::size_t room_;
  std::string tail_;
};

} // namespace cubeflash::cli
