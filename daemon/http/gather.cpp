// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/gather.hpp"

#include <sys/socket.h>

#include <cassert>
#include <cerrno>

namespace cubeflash::daemon {

void Gather::add(std::string_view piece) noexcept {
  if (piece.empty()) return;
  assert(count_ < kMost);
  // sendmsg(2) only reads, but iovec serves readv(2) as well.
  pieces_[count_++] = {const_cast<char*>(piece.data()), piece.size()};
}

int Gather::send_now(int socket) noexcept {
  while (!empty()) {
    msghdr message{};
    message.msg_iov = pieces_.data() + first_;
    message.msg_iovlen = count_ - first_;
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN ? 0 : errno;
    }
    begun_ = true;
    auto rest = static_cast<std::size_t>(sent);
    while (first_ < count_ && rest >= pieces_[first_].iov_len)
      rest -= pieces_[first_++].iov_len;
    if (rest == 0) continue;
    pieces_[first_].iov_base = static_cast<char*>(pieces_[first_].iov_base) + rest;
    pieces_[first_].iov_len -= rest;
  }
  return 0;
}

} // namespace cubeflash::daemon
