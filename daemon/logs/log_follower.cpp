// SPDX-License-Identifier: Apache-2.0
#include "daemon/logs/log_follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cubeflash::daemon {

std::function<void()> FollowerQueue::push(const LogLine& line) {
  if (!instance_.empty() && line.instance != instance_) return nullptr;
  while (!lines_.empty() && lines_.size() >= max_lines_) {
    lines_.pop_front();
    ++lost_;
  }
  lines_.push_back(line);
  return std::exchange(wake_, nullptr);
}

std::optional<LogLine> FollowerQueue::take() {
  if (lines_.empty()) return std::nullopt;
  if (const auto lost = std::exchange(lost_, 0); lost > 0) {
    LogLine notice = lines_.front();
    notice.text = fmt::format("[{} lines were left out: the reader was too slow]", lost);
    return notice;
  }
  LogLine line = std::move(lines_.front());
  lines_.pop_front();
  return line;
}

void FollowerQueue::on_line(std::function<void()> wake) {
  if (lines_.empty())
    wake_ = std::move(wake);
  else if (wake)
    wake();
}

} // namespace cubeflash::daemon
