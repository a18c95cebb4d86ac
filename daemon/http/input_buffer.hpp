// SPDX-License-Identifier: Apache-2.0
// Bytes received and not yet used, in one piece. It refuses to know what they mean. Growing and
// moving happen only on request, since a read may be under way into the tail and views may point at
// the content.
#pragma once

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace cubeflash::daemon {

inline constexpr std::size_t kSmallBuffer = 8U << 10U; // an idle connection's
inline constexpr std::size_t kBulkBuffer = 64U << 10U; // a streaming connection's

class InputBuffer {
 public:
  explicit InputBuffer(std::size_t capacity = kSmallBuffer);

  char* data() noexcept { return storage_.get() + begin_; }

  std::size_t size() const noexcept { return end_ - begin_; }

  bool empty() const noexcept { return begin_ == end_; }

  std::size_t capacity() const noexcept { return capacity_; }

  std::string_view view() const noexcept { return {storage_.get() + begin_, size()}; }

  // Free space behind the content.
  boost::asio::mutable_buffer tail() noexcept;

  void commit(std::size_t count) noexcept { end_ += count; }

  void consume(std::size_t count) noexcept { begin_ += count; }

  // Moves the content to the front, into `capacity` bytes if that is another size. No read may be
  // under way, no view held.
  void reshape(std::size_t capacity);

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace cubeflash::daemon
