// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

using namespace cubeflash;

namespace fs = std::filesystem;

namespace {

std::size_t entries_in(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  FAIL("nothing was thrown");
  return ErrorKind::failed;
}

} // namespace

TEST_CASE("file: what was written is read back, zero bytes and all") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto path = directory.path() / "data";
  const std::string content("a\0b\nc", 5);
  write_file_atomic(path, content);
  CHECK(read_file(path) == content);
  write_file_atomic(path, "");
  CHECK(read_file(path).empty());
}

TEST_CASE("read_file: accepts exactly the limit and refuses one byte more") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto path = directory.path() / "data";
  write_file_atomic(path, std::string(100, 'x'));
  CHECK(read_file(path, 100).size() == 100);
  CHECK(kind_of([&] { read_file(path, 99); }) == ErrorKind::too_large);
}

TEST_CASE("read_file: an endless file ends at the limit") {
  CHECK(kind_of([] { read_file("/dev/zero", 1U << 20U); }) == ErrorKind::too_large);
}

TEST_CASE("read_file: a missing file and a directory are errors that name the path") {
  CHECK_THROWS_WITH_AS(read_file("/nowhere/x"), doctest::Contains("/nowhere/x"), SystemError);
  CHECK_THROWS_WITH_AS(read_file("/tmp"), doctest::Contains("/tmp"), SystemError);
}

TEST_CASE("write_file_atomic: sets the mode whatever the umask, and leaves nothing beside") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto path = directory.path() / "secret";
  const mode_t before = ::umask(0);
  write_file_atomic(path, "s", 0600);
  ::umask(0777);
  write_file_atomic(path, "t", 0640);
  ::umask(before);

  struct stat info {};

  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0640);
  CHECK(entries_in(directory.path()) == 1);
}

TEST_CASE("write_file_atomic: a failure keeps the old content and removes its own file") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto path = directory.path() / "taken";
  fs::create_directories(path / "child"); // a directory cannot be replaced by a file
  CHECK_THROWS_AS(write_file_atomic(path, "x"), SystemError);
  CHECK(fs::is_directory(path / "child"));
  CHECK(entries_in(directory.path()) == 1);
}

TEST_CASE("write_file_atomic: a missing directory is an error that names the path") {
  CHECK_THROWS_WITH_AS(
      write_file_atomic("/nowhere/x", "y"), doctest::Contains("/nowhere/x"), SystemError);
}

TEST_CASE("write_file_atomic: a reader sees the old or the new content, never a part") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto path = directory.path() / "data";
  const std::string old_content(200'000, 'a');
  const std::string new_content(300'000, 'b');
  write_file_atomic(path, old_content);
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::thread reader([&] {
    while (!stop) {
      const auto content = read_file(path);
      if (content != old_content && content != new_content) ++torn;
    }
  });
  for (int i = 0; i < 20; ++i)
    write_file_atomic(path, i % 2 == 0 ? new_content : old_content);
  stop = true;
  reader.join();
  CHECK(torn == 0);
}

TEST_CASE("write_all: a full disk is reported in words") {
  const Fd full = open_file("/dev/full", O_WRONLY);
  try {
    write_all(full.get(), "x");
    FAIL("nothing was thrown");
  } catch (const SystemError& error) {
    CHECK(error.code() == ENOSPC);
    CHECK(std::string(error.what()).find("No space left on device") != std::string::npos);
  }
}

TEST_CASE("write_all: writes more than a pipe holds, in as many pieces as it takes") {
  Pipe pipe = Pipe::create();
  const std::string data(1U << 20U, 'x');
  std::size_t received = 0;
  std::thread reader([&] {
    std::string buffer(4096, '\0');
    ssize_t n = 0;
    while ((n = ::read(pipe.read.get(), buffer.data(), buffer.size())) > 0)
      received += static_cast<std::size_t>(n);
  });
  write_all(pipe.write.get(), data);
  pipe.write.reset();
  reader.join();
  CHECK(received == data.size());
}

TEST_CASE("write_all: a reader that has gone is an error, not the end of the program") {
  Pipe pipe = Pipe::create();
  pipe.read.reset();
  CHECK_THROWS_WITH_AS(
      write_all(pipe.write.get(), "x"), doctest::Contains("Broken pipe"), SystemError);
}

TEST_CASE("temporary directory: is private, and goes with everything in it") {
  fs::path path;
  {
    const TemporaryDirectory directory(fs::temp_directory_path(), "cf-test-");
    path = directory.path();
    CHECK(path.filename().string().starts_with("cf-test-"));
    CHECK((fs::status(path).permissions() & fs::perms::mask) == fs::perms::owner_all);
    fs::create_directories(path / "a/b");
    write_file_atomic(path / "a/b/c", "x");
    fs::create_symlink("/etc/passwd", path / "link");
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(fs::exists("/etc/passwd"));
}

TEST_CASE("temporary directory: a move and a release leave one owner") {
  const TemporaryDirectory home(fs::temp_directory_path());
  fs::path kept;
  {
    TemporaryDirectory first(home.path());
    TemporaryDirectory second(std::move(first));
    kept = second.release();
  }
  CHECK(fs::is_directory(kept));
}

TEST_CASE("temporary directory: a parent that is missing is an error that names it") {
  CHECK_THROWS_WITH_AS(TemporaryDirectory("/nowhere"), doctest::Contains("/nowhere"), SystemError);
}
