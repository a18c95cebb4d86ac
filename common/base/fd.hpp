// SPDX-License-Identifier: Apache-2.0
// Ownership of file descriptors. Everything opened here is close-on-exec; inheritance is opt-in at
// spawn.
#pragma once

#include <filesystem>
#include <utility>

namespace cubeflash {

// Owns one descriptor; closes it when destroyed.
class Fd {
 public:
  Fd() = default;

  explicit Fd(int fd) noexcept : fd_(fd) {}

  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }

  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  ~Fd() { reset(); }

  explicit operator bool() const noexcept { return fd_ >= 0; }

  int get() const noexcept { return fd_; }

  // Gives the descriptor up to the caller.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read;
  Fd write;

  // Both ends O_CLOEXEC. Throws SystemError.
  static Pipe create();
};

// open(2) with O_CLOEXEC added. Throws SystemError naming the path.
Fd open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);

} // namespace cubeflash
