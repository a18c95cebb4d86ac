// SPDX-License-Identifier: Apache-2.0
#include "cli/file_follower.hpp"

#include "common/base/error.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace cubeflash::cli {

namespace {

struct stat status_of(const Fd& fd, const std::filesystem::path& file) {
  struct stat status {};

  if (::fstat(fd.get(), &status) != 0) throw SystemError(errno, "reading {}", file.string());
  return status;
}

// Offset of the line that has `lines` lines from it to the end.
off_t tail_position(const Fd& fd, off_t size, std::size_t lines) {
  if (lines == 0) return size;
  std::array<char, 65536> block{};
  off_t end = size;
  std::size_t seen = 0;
  while (end > 0) {
    const off_t start = std::max<off_t>(0, end - static_cast<off_t>(block.size()));
    const ssize_t n = ::pread(fd.get(), block.data(), static_cast<std::size_t>(end - start), start);
    if (n <= 0) return start;
    for (ssize_t i = n - 1; i >= 0; --i) {
      const off_t at = start + i;
      // The last line's own end does not count.
      if (block.at(static_cast<std::size_t>(i)) == '\n' && at != size - 1 && ++seen == lines)
        return at + 1;
    }
    end = start;
  }
  return 0;
}

} // namespace

FileFollower::FileFollower(std::filesystem::path file, std::size_t lines)
    : file_(std::move(file)), watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!watch_) throw SystemError(errno, "inotify_init1");
  // The directory is watched: a file that is replaced keeps being followed.
  if (::inotify_add_watch(
          watch_.get(), file_.parent_path().c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
    throw SystemError(errno, "watching {}", file_.parent_path().string());
  fd_ = open_file(file_, O_RDONLY);
  position_ = tail_position(fd_, status_of(fd_, file_).st_size, lines);
}

void FileFollower::reopen_if_replaced() {
  struct stat now {};

  if (::stat(file_.c_str(), &now) != 0) return; // between two files
  const auto held = status_of(fd_, file_);
  if (now.st_ino != held.st_ino || now.st_dev != held.st_dev) {
    fd_ = open_file(file_, O_RDONLY);
    position_ = 0;
  } else if (now.st_size < position_) {
    position_ = 0;
  }
}

void FileFollower::read_new(const std::function<void(std::string_view)>& each) {
  std::array<char, 65536> buffer{};
  for (int round = 0; round < 2; ++round) {
    for (;;) {
      const ssize_t n = ::pread(fd_.get(), buffer.data(), buffer.size(), position_);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw SystemError(errno, "reading {}", file_.string());
      if (n == 0) break;
      position_ += n;
      each({buffer.data(), static_cast<std::size_t>(n)});
    }
    if (round == 0) reopen_if_replaced(); // what the old file still had has been given
  }
}

void FileFollower::wait() {
  pollfd wait{watch_.get(), POLLIN, 0};
  while (::poll(&wait, 1, -1) < 0)
    if (errno != EINTR) throw SystemError(errno, "watching {}", file_.string());
  alignas(inotify_event) std::array<char, 4096> events{};
  while (::read(watch_.get(), events.data(), events.size()) > 0) {
  }
}

} // namespace cubeflash::cli
