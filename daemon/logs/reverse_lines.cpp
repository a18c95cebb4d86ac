// SPDX-License-Identifier: Apache-2.0
#include "daemon/logs/reverse_lines.hpp"

#include "common/base/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace cubeflash::daemon {

namespace {

constexpr std::uint64_t kBlock = 64U << 10U;

std::string read_at(int fd, std::uint64_t offset, std::uint64_t size) {
  std::string block(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n =
        ::pread(fd, block.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError(errno, "reading a log");
    if (n == 0) break; // truncated meanwhile
    done += static_cast<std::size_t>(n);
  }
  block.resize(done);
  return block;
}

} // namespace

std::uint64_t whole_lines_size(int fd) {
  struct stat status {};

  if (::fstat(fd, &status) != 0) throw SystemError(errno, "reading a log");
  auto end = static_cast<std::uint64_t>(status.st_size);
  while (end > 0) {
    const auto start = end - std::min(end, kBlock);
    const auto block = read_at(fd, start, end - start);
    if (const auto last = block.rfind('\n'); last != std::string::npos) return start + last + 1;
    end = start;
  }
  return 0;
}

ReverseLines::ReverseLines(const std::filesystem::path& file)
    : file_(file), fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (!fd_ && errno != ENOENT) throw SystemError(errno, "opening {}", file.string());
  if (fd_) start_ = whole_lines_size(fd_.get());
}

std::optional<std::string> ReverseLines::next() {
  for (;;) {
    // The line break at the very end belongs to the line that is being looked for.
    const auto before =
        buffer_.size() < 2 ? std::string::npos : buffer_.rfind('\n', buffer_.size() - 2);
    if (before != std::string::npos) {
      auto line = buffer_.substr(before + 1, buffer_.size() - before - 2);
      buffer_.resize(before + 1);
      return line;
    }
    if (!read_block()) break;
  }
  if (buffer_.empty()) return std::nullopt;
  auto line = buffer_.substr(0, buffer_.size() - 1);
  buffer_.clear();
  return line;
}

bool ReverseLines::read_block() {
  if (start_ == 0) return false;
  const auto size = std::min(start_, kBlock);
  start_ -= size;
  buffer_.insert(0, read_at(fd_.get(), start_, size));
  return true;
}

} // namespace cubeflash::daemon
