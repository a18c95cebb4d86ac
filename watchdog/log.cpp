// SPDX-License-Identifier: Apache-2.0
#include "watchdog/log.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace cubeflash::watchdog {

namespace {

constexpr std::size_t kLongestLine = 65536;
constexpr std::size_t kMostKept = 256 * 1024;
// A pipe that polls as writable takes this much without blocking (pipe(7), PIPE_BUF).
constexpr std::size_t kPiece = 4096;

// The descriptor stays blocking: its open file description is shared with whoever started us, a
// terminal perhaps.
class Sink {
 public:
  explicit Sink(int fd) : fd_(fd) {}

  void write(std::string_view line) {
    if (!flush() || !push(line)) keep(line);
  }

  bool flush() {
    std::string_view kept(kept_);
    const bool all = push(kept);
    kept_.erase(0, kept_.size() - kept.size());
    if (!all) return false;
    if (dropped_ == 0) return true;
    const std::string report =
        fmt::format("{} log lines were dropped: nobody read them in time\n", dropped_);
    dropped_ = 0;
    std::string_view text(report);
    if (!push(text)) keep(text);
    return kept_.empty();
  }

 private:
  // Removes from `data` what was written; true when nothing is left, or nothing can ever be
  // written.
  bool push(std::string_view& data) const {
    while (!data.empty()) {
      pollfd wait{fd_, POLLOUT, 0};
      if (::poll(&wait, 1, 0) <= 0) return false;
      const auto n = ::write(fd_, data.data(), std::min(data.size(), kPiece));
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) return false;
      // A closed log has nowhere to be reported.
      data.remove_prefix(n < 0 ? data.size() : static_cast<std::size_t>(n));
    }
    return true;
  }

  void keep(std::string_view rest) {
    if (kept_.size() + rest.size() > kMostKept)
      ++dropped_;
    else
      kept_ += rest;
  }

  int fd_;
  std::string kept_;
  std::size_t dropped_ = 0;
};

Sink& error_sink() {
  static Sink sink(STDERR_FILENO);
  return sink;
}

Sink& output_sink() {
  static Sink sink(STDOUT_FILENO);
  return sink;
}

// "2026/01/02 03:04:05 " in UTC, made once a second.
std::string_view timestamp() {
  static std::time_t made_at = -1;
  static std::string text;
  const std::time_t now = ::time(nullptr);
  if (now == made_at) return text;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  made_at = now;
  text = fmt::format("{:04}/{:02}/{:02} {:02}:{:02}:{:02} ",
                     parts.tm_year + 1900,
                     parts.tm_mon + 1,
                     parts.tm_mday,
                     parts.tm_hour,
                     parts.tm_min,
                     parts.tm_sec);
  return text;
}

} // namespace

void note_line(std::string_view message) {
  std::string line;
  const auto prefix = timestamp();
  line.reserve(prefix.size() + message.size() + 1);
  line.append(prefix).append(message).push_back('\n');
  error_sink().write(line);
}

void print_bytes(std::string_view bytes) {
  output_sink().write(bytes);
}

bool flush_notes() {
  const bool errors = error_sink().flush();
  return output_sink().flush() && errors;
}

void StderrLines::append(std::string_view data) {
  while (!data.empty()) {
    const auto room = kLongestLine - partial_.size();
    const auto end = data.find('\n');
    const auto take = std::min({end, room, data.size()});
    partial_ += data.substr(0, take);
    data.remove_prefix(take);
    if (end == take) data.remove_prefix(1);
    if (end == take || partial_.size() == kLongestLine) {
      note("stderr: {}", partial_);
      partial_.clear();
    }
  }
}

void StderrLines::finish() {
  if (!partial_.empty()) note("stderr: {}", partial_);
  partial_ = {};
}

} // namespace cubeflash::watchdog
