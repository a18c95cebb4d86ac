// SPDX-License-Identifier: Apache-2.0
// Standard output as a stream that fails loudly: data that never reached its reader is an error,
// except when the reader did not want more.
#pragma once

#include <array>
#include <exception>
#include <streambuf>

namespace cubeflash::cli {

// The reader of standard output has gone, as `head` does. Not a failure, but there is nothing left
// to do.
struct OutputClosed : std::exception {
  const char* what() const noexcept override { return "standard output was closed"; }
};

// Writes to a borrowed descriptor. Throws OutputClosed or SystemError, which a stream passes on
// when its exceptions() has badbit.
class OutputBuffer : public std::streambuf {
 public:
  explicit OutputBuffer(int fd);

 protected:
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  void write_out();

  int fd_;
  std::array<char, 65536> buffer_{};
};

} // namespace cubeflash::cli
