// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "watchdog/output.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

using namespace cubeflash;
using watchdog::Output;

TEST_CASE("output: what does not fit into memory goes to a file, in order") {
  Output output(10U << 20U, "/tmp");
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    const auto piece = std::to_string(i);
    output.append(piece);
    expected += piece;
  }
  REQUIRE(output.file() >= 0);
  CHECK(output.memory().size() == Output::kMemory);
  CHECK(output.size() == expected.size());
  std::string rest(output.file_size(), '\0');
  CHECK(::pread(output.file(), rest.data(), rest.size(), 0) == static_cast<ssize_t>(rest.size()));
  CHECK(std::string(output.memory()) + rest == expected);
}

TEST_CASE("output: small ones need no file, and a directory that is not there is no obstacle") {
  Output small(1000, "/nonexistent");
  small.append("abc");
  CHECK(small.file() == -1);
  Output large(1U << 20U, "/nonexistent");
  large.append(std::string(600'000, 'x'));
  CHECK(large.size() == 600'000);
}

TEST_CASE("output: the limit is exact, and says what it is") {
  Output output(5, "/tmp");
  output.append("12345");
  CHECK_THROWS_WITH_AS(output.append("6"), "output limit of 5 bytes exceeded", Error);
  CHECK(output.size() == 5);
}
