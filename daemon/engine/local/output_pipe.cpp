// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/output_pipe.hpp"

#include <fmt/ranges.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace cubeflash::daemon {

namespace {

constexpr std::size_t kPiece = 65536;
constexpr std::size_t kLinesRemembered = 4;
constexpr std::size_t kBytesRemembered = 300; // of each

// At most `limit`, less when a UTF-8 character would be cut.
std::size_t cut_position(std::string_view text, std::size_t limit) {
  const auto is_continuation = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  std::size_t cut = limit;
  while (cut > limit - 3 && is_continuation(cut))
    --cut;
  return is_continuation(cut) ? limit : cut; // no UTF-8 then
}

} // namespace

void LineSplitter::feed(std::string_view data) {
  while (!data.empty()) {
    const auto end = data.find('\n');
    partial_.append(data.substr(0, end));
    emit_parts();
    if (end == std::string_view::npos) return;
    on_line_(partial_);
    partial_.clear();
    data.remove_prefix(end + 1);
  }
}

void LineSplitter::emit_parts() {
  while (partial_.size() > kMaxLine) {
    const auto cut = cut_position(partial_, kMaxLine);
    on_line_(std::string_view(partial_).substr(0, cut));
    partial_.erase(0, cut);
  }
}

void LineSplitter::finish() {
  if (!partial_.empty()) on_line_(partial_);
  partial_.clear();
}

OutputPipe::OutputPipe(const asio::any_io_executor& executor,
                       Fd fifo,
                       std::function<void(std::string_view)> on_line)
    : descriptor_(executor, fifo.get()), on_line_(std::move(on_line)),
      splitter_([this](std::string_view line) {
        remember(line);
        on_line_(line);
      }) {
  static_cast<void>(fifo.release()); // the descriptor's from here on
}

void OutputPipe::start() {
  // One piece, then back through the reactor: a flood does not keep other work from running.
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& failure) {
                           if (failure || !self->descriptor_.is_open()) return;
                           self->read_some();
                           if (self->descriptor_.is_open()) self->start();
                         });
}

bool OutputPipe::read_some() {
  std::array<char, kPiece>
      buffer; // NOLINT(cppcoreguidelines-pro-type-member-init) - read() fills it
  const auto n = ::read(descriptor_.native_handle(), buffer.data(), buffer.size());
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) return false;
  splitter_.feed({buffer.data(), static_cast<std::size_t>(n)});
  return true;
}

void OutputPipe::close(std::size_t max_bytes) {
  if (!descriptor_.is_open()) return;
  for (std::size_t n = 0; n < max_bytes && read_some(); n += kPiece) {
  }
  splitter_.finish();
  boost::system::error_code ignored; // a close that fails leaves nothing to do
  descriptor_.close(ignored);
}

void OutputPipe::remember(std::string_view line) {
  last_.emplace_back(line.substr(0, kBytesRemembered));
  if (last_.size() > kLinesRemembered) last_.pop_front();
}

std::string OutputPipe::last_lines() const {
  return fmt::format("{}", fmt::join(last_, " | "));
}

} // namespace cubeflash::daemon
