// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace cubeflash::cli;

TEST_CASE("Table: columns are as wide as their widest cell and lines have no blanks at their end") {
  Table table({"NAME", "TEXT"});
  table.add({"a-long-name", ""});
  table.add({"b", "x"});
  std::ostringstream out;
  table.print(out);
  CHECK(out.str() == "NAME         TEXT\na-long-name\nb            x\n");
}

TEST_CASE("Table: characters count, not bytes; missing cells are empty") {
  Table table({"A", "B"});
  table.add({"\xC3\xA9\xC3\xA9", "x"});
  table.add({"only"});
  std::ostringstream out;
  table.print(out);
  CHECK(out.str() == "A     B\n\xC3\xA9\xC3\xA9    x\nonly\n");
}

TEST_CASE("Properties: values start in one column, also those of several lines") {
  Properties properties;
  properties.add("Name", "x");
  properties.add("Long Label", std::vector<std::string>{"a: 1", "b: 2"});
  std::ostringstream out;
  properties.print(out);
  CHECK(out.str() == "Name:        x\nLong Label:  a: 1\n             b: 2\n");
}
