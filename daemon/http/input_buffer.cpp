// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/input_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace cubeflash::daemon {

InputBuffer::InputBuffer(std::size_t capacity)
    : storage_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

boost::asio::mutable_buffer InputBuffer::tail() noexcept {
  return {storage_.get() + end_, capacity_ - end_};
}

void InputBuffer::reshape(std::size_t capacity) {
  const std::size_t count = size();
  capacity = std::max(capacity, count);
  if (capacity != capacity_) {
    auto storage = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(storage.get(), data(), count);
    storage_ = std::move(storage);
    capacity_ = capacity;
  } else if (begin_ != 0 && count != 0) {
    std::memmove(storage_.get(), data(), count);
  }
  begin_ = 0;
  end_ = count;
}

} // namespace cubeflash::daemon
