// SPDX-License-Identifier: Apache-2.0
// A few pieces of text sent with one system call. It borrows the text and refuses to know sockets
// beyond their number.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace cubeflash::daemon {

class Gather {
 public:
  static constexpr std::size_t kMost = 6;

  // At most kMost pieces; empty ones do not count.
  void add(std::string_view piece) noexcept;

  bool empty() const noexcept { return first_ == count_; }

  // Some of it has been sent.
  bool begun() const noexcept { return begun_; }

  // Sends what the socket takes now; 0, or an errno value other than EAGAIN. Look at empty() for
  // whether that was all.
  int send_now(int socket) noexcept;

 private:
  std::array<iovec, kMost> pieces_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  bool begun_ = false;
};

} // namespace cubeflash::daemon
