// SPDX-License-Identifier: Apache-2.0
#include "cli/file_follower.hpp"
#include "common/base/file.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <string>

using namespace cubeflash;
using namespace cubeflash::cli;

namespace {

struct Log {
  TemporaryDirectory directory{std::filesystem::temp_directory_path()};
  std::filesystem::path file = directory.path() / "log";

  explicit Log(const std::string& text) { append(text); }

  void append(const std::string& text) const {
    const Fd fd = open_file(file, O_WRONLY | O_CREAT | O_APPEND);
    write_all(fd.get(), text);
  }
};

std::string read_new(FileFollower& follower) {
  std::string text;
  follower.read_new([&](std::string_view piece) { text += piece; });
  return text;
}

std::string tail(const Log& log, std::size_t lines) {
  FileFollower follower(log.file, lines);
  return read_new(follower);
}

} // namespace

TEST_CASE("FileFollower: starts at the last lines, with or without a newline at the end") {
  const Log log("a\nb\nc\n");
  CHECK(tail(log, 0).empty());
  CHECK(tail(log, 1) == "c\n");
  CHECK(tail(log, 2) == "b\nc\n");
  CHECK(tail(log, 9) == "a\nb\nc\n");
  CHECK(tail(Log("a\nb"), 1) == "b");
  CHECK(tail(Log(""), 5).empty());
}

TEST_CASE("FileFollower: lines longer than its buffer are whole") {
  const std::string longest(200'000, 'x');
  CHECK(tail(Log("a\n" + longest + "\n"), 1) == longest + "\n");
}

TEST_CASE(
    "FileFollower: waits for what is appended, and goes on in a file that was replaced or cut") {
  const Log log("old\n");
  FileFollower follower(log.file, 0);
  CHECK(read_new(follower).empty());
  log.append("new\n");
  follower.wait(); // would block for ever had the change been missed
  CHECK(read_new(follower) == "new\n");
  write_file_atomic(log.file, "other file\n");
  follower.wait();
  CHECK(read_new(follower) == "other file\n");
  std::filesystem::resize_file(log.file, 0);
  CHECK(read_new(follower).empty());
  log.append("cut\n");
  CHECK(read_new(follower) == "cut\n");
}
