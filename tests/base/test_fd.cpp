// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/fd.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

using namespace cubeflash;

namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

bool is_close_on_exec(int fd) {
  return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

} // namespace

TEST_CASE("fd: closes its descriptor at the end of its life") {
  int number = -1;
  {
    const Fd fd = open_file("/dev/null", O_RDONLY);
    number = fd.get();
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("fd: a move leaves nothing behind and closes what was there") {
  Fd first = open_file("/dev/null", O_RDONLY);
  Fd second = open_file("/dev/null", O_RDONLY);
  const int kept = first.get();
  const int lost = second.get();
  second = std::move(first);
  CHECK(second.get() == kept);
  CHECK_FALSE(first); // NOLINT(bugprone-use-after-move) - that it is empty is the point
  CHECK_FALSE(is_open(lost));
}

TEST_CASE("fd: assigning to itself keeps the descriptor open") {
  Fd fd = open_file("/dev/null", O_RDONLY);
  Fd& same = fd;
  fd = std::move(same);
  CHECK(fd);
  CHECK(is_open(fd.get()));
}

TEST_CASE("fd: release gives the descriptor up") {
  Fd fd = open_file("/dev/null", O_RDONLY);
  const Fd taken(fd.release());
  CHECK_FALSE(fd);
  CHECK(is_open(taken.get()));
}

TEST_CASE("fd: descriptor 0 counts as open, -1 does not") {
  Fd zero(0);
  CHECK(zero);
  CHECK(zero.release() == 0);
  CHECK_FALSE(Fd(-1));
}

TEST_CASE("pipe: carries bytes, and neither end is inherited") {
  const Pipe pipe = Pipe::create();
  CHECK(is_close_on_exec(pipe.read.get()));
  CHECK(is_close_on_exec(pipe.write.get()));
  REQUIRE(::write(pipe.write.get(), "x", 1) == 1);
  char c = 0;
  CHECK(::read(pipe.read.get(), &c, 1) == 1);
  CHECK(c == 'x');
}

TEST_CASE("open_file: is close-on-exec and names the path that failed") {
  CHECK(is_close_on_exec(open_file("/dev/null", O_RDONLY).get()));
  CHECK_THROWS_WITH_AS(open_file("/nowhere/at/all", O_RDONLY),
                       "opening /nowhere/at/all: No such file or directory",
                       SystemError);
}
