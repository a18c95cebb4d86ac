// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;

TEST_CASE("error: keeps its kind, its words and its hint") {
  const Error error(ErrorKind::conflict, "it exists", "use --force");
  CHECK(error.kind() == ErrorKind::conflict);
  CHECK(std::string(error.what()) == "it exists");
  CHECK(error.hint() == "use --force");
  CHECK(Error(ErrorKind::failed, "x").hint().empty());
}

TEST_CASE("system error: tells what was tried and what the system answered") {
  const SystemError error(ENOENT, "opening {}", "/nowhere");
  CHECK(std::string(error.what()) == "opening /nowhere: No such file or directory");
  CHECK(error.code() == ENOENT);
  CHECK(error.kind() == ErrorKind::not_found);
}

TEST_CASE("system error: the kind follows the code") {
  const std::pair<int, ErrorKind> rows[] = {{EACCES, ErrorKind::denied},
                                            {EPERM, ErrorKind::denied},
                                            {EEXIST, ErrorKind::conflict},
                                            {EADDRINUSE, ErrorKind::conflict},
                                            {ECONNREFUSED, ErrorKind::unavailable},
                                            {ETIMEDOUT, ErrorKind::timeout},
                                            {ENOSPC, ErrorKind::failed}};
  for (const auto& [code, kind] : rows) {
    CAPTURE(code);
    CHECK(SystemError(code, "x").kind() == kind);
  }
}

TEST_CASE("system error: text with braces is taken as it is") {
  CHECK(std::string(SystemError(ENOENT, std::string("reading {x}")).what()) ==
        "reading {x}: No such file or directory");
}

TEST_CASE("with_context: puts words in front and keeps kind and hint") {
  try {
    with_context("deploying hello",
                 [] { throw Error(ErrorKind::timeout, "no answer", "try again"); });
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "deploying hello: no answer");
    CHECK(error.kind() == ErrorKind::timeout);
    CHECK(error.hint() == "try again");
  }
}

TEST_CASE("with_context: hands through a result and foreign exceptions") {
  CHECK(with_context("x", [] { return 7; }) == 7);
  CHECK_THROWS_AS(with_context("x", [] { throw std::bad_alloc(); }), std::bad_alloc);
}
