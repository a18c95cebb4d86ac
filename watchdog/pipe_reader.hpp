// SPDX-License-Identifier: Apache-2.0
// Reads a child's output pipe as it fills and hands the bytes on. Refuses to know what they are.
#pragma once

#include "common/base/fd.hpp"
#include "common/net/asio.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace cubeflash::watchdog {

class PipeReader {
 public:
  using Sink = std::function<void(std::string_view)>;

  // `sink` must not throw; it may close this reader.
  PipeReader(asio::io_context& io, Fd pipe, Sink sink);

  // Reads until the end of the stream. `owner` keeps this object alive while a wait is pending.
  void start(std::shared_ptr<void> owner);

  // Hands on what is in the pipe at this moment and closes it: whoever holds the other end cannot
  // make this wait.
  void finish();
  void close();

 private:
  void wait(std::shared_ptr<void> owner);

  // At most `limit` bytes; true when more may come.
  bool read_available(std::size_t limit);

  asio::posix::stream_descriptor pipe_;
  Sink sink_;
};

} // namespace cubeflash::watchdog
