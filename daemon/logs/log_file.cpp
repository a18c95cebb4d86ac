// SPDX-License-Identifier: Apache-2.0
#include "daemon/logs/log_file.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "daemon/logs/reverse_lines.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace cubeflash::daemon {

namespace {

constexpr std::size_t kTimeWidth = sizeof("2026-01-02T03:04:05.123456789Z") - 1;
constexpr std::string_view kNoInstance = "-";

} // namespace

std::string log_file_line(const LogLine& line) {
  std::string instance = line.instance.empty() ? std::string(kNoInstance) : line.instance;
  std::replace_if(
      instance.begin(), instance.end(), [](char c) { return c == ' ' || c == '\n'; }, '_');
  std::string text = fmt::format("{} {} {}", line.timestamp, instance, line.text);
  std::replace(text.begin(), text.end(), '\n', ' ');
  text += '\n';
  return text;
}

std::optional<LogLine> parse_log_file_line(const FunctionName& function, std::string_view text) {
  if (text.size() < kTimeWidth + 2 || text[kTimeWidth - 1] != 'Z' || text[kTimeWidth] != ' ')
    return std::nullopt;
  const auto timestamp = text.substr(0, kTimeWidth);
  text.remove_prefix(kTimeWidth + 1);
  const auto blank = text.find(' ');
  if (blank == 0 || blank == std::string_view::npos) return std::nullopt;
  const auto instance = text.substr(0, blank);
  return LogLine{function,
                 instance == kNoInstance ? std::string() : std::string(instance),
                 std::string(timestamp),
                 std::string(text.substr(blank + 1))};
}

std::filesystem::path rotated(const std::filesystem::path& file) {
  auto path = file;
  path += ".1";
  return path;
}

LogFile::LogFile(std::filesystem::path path) : path_(std::move(path)) {
  open();
}

void LogFile::open() {
  fd_ = open_file(path_, O_RDWR | O_APPEND | O_CREAT, 0600);
  size_ = whole_lines_size(fd_.get());
  if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0)
    throw SystemError(errno, "opening {}", path_.string());
}

void LogFile::append(std::string_view line, std::uint64_t max_bytes) {
  if (size_ > 0 && size_ + line.size() > max_bytes) {
    if (::rename(path_.c_str(), rotated(path_).c_str()) != 0)
      throw SystemError(errno, "rotating {}", path_.string());
    open();
  }
  try {
    write_all(fd_.get(), line);
  } catch (const SystemError& error) {
    // A full disk takes the beginning of a line; it would look like a line of its own.
    [[maybe_unused]] const int cut = ::ftruncate(fd_.get(), static_cast<off_t>(size_));
    throw SystemError(error.code(), "writing {}", path_.string());
  }
  size_ += line.size();
}

} // namespace cubeflash::daemon
