// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"

namespace cubeflash::cli {

OutputBuffer::OutputBuffer(int fd) : fd_(fd) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

OutputBuffer::int_type OutputBuffer::overflow(int_type c) {
  write_out();
  if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
  return traits_type::not_eof(c);
}

int OutputBuffer::sync() {
  write_out();
  return 0;
}

void OutputBuffer::write_out() {
  const std::string_view pending(pbase(), static_cast<std::size_t>(pptr() - pbase()));
  setp(buffer_.data(), buffer_.data() + buffer_.size()); // never tried twice
  try {
    write_all(fd_, pending);
  } catch (const SystemError& error) {
    if (error.code() == EPIPE) throw OutputClosed();
    throw SystemError(error.code(), "writing to standard output");
  }
}

} // namespace cubeflash::cli
