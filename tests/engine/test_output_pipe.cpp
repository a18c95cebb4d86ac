// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/output_pipe.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cubeflash::daemon;

namespace {

struct Lines {
  std::vector<std::string> got;
  LineSplitter splitter{[this](std::string_view line) { got.emplace_back(line); }};
};

} // namespace

TEST_CASE("lines: are cut at line breaks, however the bytes arrive") {
  Lines lines;
  for (const char* piece : {"on", "e\ntwo\n", "\n", "thr", "ee"})
    lines.splitter.feed(piece);
  CHECK(lines.got == std::vector<std::string>{"one", "two", ""});
  lines.splitter.finish();
  CHECK(lines.got.back() == "three");
  lines.splitter.finish();
  CHECK(lines.got.size() == 4);
}

TEST_CASE("lines: one of 64 KiB stays whole, a longer one comes in parts") {
  Lines lines;
  const std::string whole(LineSplitter::kMaxLine, 'a');
  lines.splitter.feed(whole + "\n" + whole + "b\n");
  REQUIRE(lines.got.size() == 3);
  CHECK(lines.got[0] == whole);
  CHECK(lines.got[1] == whole);
  CHECK(lines.got[2] == "b");
}

TEST_CASE(
    "lines: a cut does not split a UTF-8 character, and bytes that are none stay as they are") {
  Lines lines;
  const std::string start(LineSplitter::kMaxLine - 1, 'a');
  lines.splitter.feed(start + "\xC3\xA4\n");
  REQUIRE(lines.got.size() == 2);
  CHECK(lines.got[0] == start);
  CHECK(lines.got[1] == "\xC3\xA4");
  const std::string noise(LineSplitter::kMaxLine + 10, '\xBF');
  lines.splitter.feed(noise + "\n");
  REQUIRE(lines.got.size() == 4);
  CHECK(lines.got[2] + lines.got[3] == noise);
}
