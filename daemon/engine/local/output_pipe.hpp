// SPDX-License-Identifier: Apache-2.0
// An instance's output as lines: reads the pipe in bounded pieces and lets others run between two
// of them. It refuses to know whose output it is. Control thread only.
#pragma once

#include "common/base/fd.hpp"
#include "common/net/asio.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cubeflash::daemon {

// Lines of a stream of bytes; lines over 64 KiB come in parts, cut between two UTF-8 characters.
class LineSplitter {
 public:
  static constexpr std::size_t kMaxLine = 65536;

  explicit LineSplitter(std::function<void(std::string_view)> on_line)
      : on_line_(std::move(on_line)) {}

  void feed(std::string_view data);

  // Gives out what is there without a line break.
  void finish();

 private:
  void emit_parts();

  std::function<void(std::string_view)> on_line_;
  std::string partial_;
};

class OutputPipe : public std::enable_shared_from_this<OutputPipe> {
 public:
  // `fifo` is non-blocking. `on_line` is called until close().
  OutputPipe(const asio::any_io_executor& executor,
             Fd fifo,
             std::function<void(std::string_view)> on_line);

  void start();

  // Reads what is there now, at most `max_bytes`, gives out the unfinished line, and stops for
  // good.
  void close(std::size_t max_bytes = 4U << 20U);

  // The last few lines, joined, for telling people why an instance failed.
  std::string last_lines() const;

 private:
  bool read_some();
  void remember(std::string_view line);

  asio::posix::stream_descriptor descriptor_;
  std::function<void(std::string_view)> on_line_;
  LineSplitter splitter_;
  std::deque<std::string> last_;
};

} // namespace cubeflash::daemon
