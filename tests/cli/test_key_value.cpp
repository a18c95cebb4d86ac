// SPDX-License-Identifier: Apache-2.0
#include "cli/key_value.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::cli;

TEST_CASE("parse_key_values: split at the first =, a later value wins") {
  const auto map = parse_key_values({"a=1=2", "b=", "a=3"}, "--env");
  CHECK(map == StringMap{{"a", "3"}, {"b", ""}});
  CHECK(parse_key_value("k=a=b", "--env").second == "a=b");
}

TEST_CASE("parse_key_value: without a key or a = it is a usage error that names the flag") {
  for (const char* text : {"", "novalue", "=x"}) {
    const auto error = error_of([&] { parse_key_value(text, "--env"); });
    CHECK(error.kind == ErrorKind::usage);
    CHECK(error.says("--env"));
  }
}
