// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "daemon/logs/reverse_lines.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace cubeflash;
using namespace cubeflash::daemon;

namespace {

std::vector<std::string> lines_of(const std::string& content) {
  const TemporaryDirectory place(std::filesystem::temp_directory_path());
  write_file_atomic(place.path() / "f", content);
  ReverseLines lines(place.path() / "f");
  std::vector<std::string> found;
  while (auto line = lines.next())
    found.push_back(*line);
  return found;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("ReverseLines: gives lines from the last to the first, empty ones too") {
  CHECK(lines_of("") == Lines{});
  CHECK(lines_of("\n") == Lines{""});
  CHECK(lines_of("a\n") == Lines{"a"});
  CHECK(lines_of("a\nb\n") == Lines{"b", "a"});
  CHECK(lines_of("\n\na\n\n") == Lines{"", "a", "", ""});
}

TEST_CASE("ReverseLines: leaves out what has no line break yet") {
  CHECK(lines_of("torn") == Lines{});
  CHECK(lines_of("a\ntorn") == Lines{"a"});
  CHECK(lines_of("a\n" + std::string(200'000, 'x')) == Lines{"a"});
}

TEST_CASE("ReverseLines: lines of any length come whole over the edges of blocks") {
  std::string content;
  Lines expected;
  for (const std::size_t length :
       {1UL, 65'534UL, 65'535UL, 65'536UL, 65'537UL, 0UL, 200'000UL, 3UL, 131'071UL}) {
    const std::string line(length, static_cast<char>('a' + expected.size()));
    content += line + "\n";
    expected.insert(expected.begin(), line);
  }
  CHECK(lines_of(content) == expected);
}

TEST_CASE("ReverseLines: a file that is not there has no lines") {
  CHECK_FALSE(ReverseLines("/nonexistent/file").next());
}
