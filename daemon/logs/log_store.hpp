// SPDX-License-Identifier: Apache-2.0
// Functions' output on disk, one rotated file a function, readable after its instances are gone;
// and live followers. It refuses to know where lines come from or who reads them. Control thread
// only.
#pragma once

#include "common/model/api.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

struct LogLimits {
  std::uint64_t max_file_bytes =
      10U << 20U; // then the file is rotated to ".1", which replaces the one before
  std::size_t max_follower_lines =
      10'000; // a follower that does not read loses the oldest and is told how many
};

struct LogFilter {
  std::string instance; // empty: all
  std::optional<std::uint64_t> tail;
  std::optional<std::chrono::system_clock::time_point> since;
};

// A live reader of one function's lines.
class LogFollower {
 public:
  virtual ~LogFollower() = default; // ends the subscription

  // The oldest line not taken yet; nullopt when there is none now.
  virtual std::optional<LogLine> take() = 0;

  // `wake` is called, once, when the next line comes; immediately when one is there.
  virtual void on_line(std::function<void()> wake) = 0;
};

class LogStore {
 public:
  explicit LogStore(std::filesystem::path directory, LogLimits limits = {});
  ~LogStore();

  // Never throws: a full disk loses the line, says so once in the daemon's log, and resumes by
  // itself.
  void append(const FunctionName& function,
              const std::string& instance,
              std::chrono::system_clock::time_point when,
              std::string_view text);

  // Oldest first, over the rotated file and the current one; tail counts after the other
  // conditions. Reads from the end, so a short tail of a long file is cheap.
  std::vector<LogLine> read(const FunctionName& function, const LogFilter& filter) const;

  std::unique_ptr<LogFollower> follow(const FunctionName& function, const std::string& instance);

  // Deletes the files of functions for which `keep` is false and whose last line is older than
  // `age`.
  void collect_garbage(const std::function<bool(const FunctionName&)>& keep,
                       std::chrono::seconds age);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace cubeflash::daemon
