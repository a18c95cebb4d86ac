// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"
#include "common/base/error.hpp"
#include "common/base/fd.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <ostream>

using namespace cubeflash;
using namespace cubeflash::cli;

namespace {

void write_to(int fd, const std::string& text) {
  OutputBuffer buffer(fd);
  std::ostream out(&buffer);
  out.exceptions(std::ios::badbit);
  out << text << std::flush;
}

} // namespace

TEST_CASE("OutputBuffer: everything arrives, whatever its size") {
  Pipe pipe = Pipe::create();
  const std::string text(60'000, 'x'); // fits a pipe
  write_to(pipe.write.get(), text + "end");
  pipe.write.reset();
  std::string got(70'000, '\0');
  std::size_t have = 0;
  for (ssize_t n = 0; (n = ::read(pipe.read.get(), got.data() + have, got.size() - have)) > 0;)
    have += static_cast<std::size_t>(n);
  CHECK(got.substr(0, have) == text + "end");
}

TEST_CASE("OutputBuffer: a full disk is an error, also for one byte") {
  const Fd full = open_file("/dev/full", O_WRONLY);
  CHECK_THROWS_AS(write_to(full.get(), "x"), SystemError);
  CHECK_THROWS_AS(write_to(full.get(), std::string(200'000, 'x')), SystemError);
}

TEST_CASE("OutputBuffer: a reader that left is told apart from a failure") {
  Pipe pipe = Pipe::create();
  pipe.read.reset();
  CHECK_THROWS_AS(write_to(pipe.write.get(), "x"), OutputClosed);
}
