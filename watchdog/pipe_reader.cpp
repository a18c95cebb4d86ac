// SPDX-License-Identifier: Apache-2.0
#include "watchdog/pipe_reader.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cubeflash::watchdog {

namespace {

// Others get their turn after this much.
constexpr std::size_t kTurn = 1U << 20U;

} // namespace

PipeReader::PipeReader(asio::io_context& io, Fd pipe, Sink sink)
    : pipe_(io), sink_(std::move(sink)) {
  ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
  pipe_.assign(pipe.release());
}

void PipeReader::start(std::shared_ptr<void> owner) {
  wait(std::move(owner));
}

void PipeReader::wait(std::shared_ptr<void> owner) {
  auto on_readable = [this, owner](boost::system::error_code failure) mutable {
    if (failure || !pipe_.is_open()) return;
    if (read_available(kTurn))
      wait(std::move(owner));
    else
      close();
  };
  pipe_.async_wait(asio::posix::stream_descriptor::wait_read, std::move(on_readable));
}

bool PipeReader::read_available(std::size_t limit) {
  // One for all: the sink has taken the bytes before anybody else reads.
  static std::array<char, 65536> buffer;
  while (limit > 0 && pipe_.is_open()) {
    const auto n = ::read(pipe_.native_handle(), buffer.data(), std::min(limit, buffer.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 && errno == EAGAIN;
    limit -= static_cast<std::size_t>(n);
    sink_({buffer.data(), static_cast<std::size_t>(n)});
    // A short read has most likely emptied the pipe; the next wait knows.
  }
  return pipe_.is_open();
}

void PipeReader::finish() {
  if (!pipe_.is_open()) return;
  int waiting = 0;
  if (::ioctl(pipe_.native_handle(), FIONREAD, &waiting) == 0 && waiting > 0)
    read_available(static_cast<std::size_t>(waiting));
  close();
}

void PipeReader::close() {
  boost::system::error_code ignored;
  pipe_.close(ignored);
}

} // namespace cubeflash::watchdog
