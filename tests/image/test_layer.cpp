// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "common/image/layer.hpp"
#include "tests/image/archive_builder.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <functional>
#include <vector>

using namespace cubeflash;
namespace fs = std::filesystem;

namespace {

using Build = std::function<void(TestArchive&)>;

struct Stack {
  TemporaryDirectory place{fs::temp_directory_path()};
  fs::path root = place.path() / "root";
  ExtractLimits left;

  Stack() {
    fs::create_directory(root);
    write_file_atomic(place.path() / "outside", "untouched");
  }

  void apply(const Build& build) {
    const auto file = place.path() / "layer";
    {
      TestArchive archive(file);
      build(archive);
    }
    apply_layer(file, root, left);
  }

  bool has(const char* name) const { return fs::exists(fs::symlink_status(root / name)); }
};

mode_t mode_of(const fs::path& path) {
  struct stat status {};

  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

} // namespace

TEST_CASE("apply_layer: a later layer replaces files, links and directories of the ones below") {
  Stack stack;
  stack.apply([](TestArchive& a) {
    a.file("f", "1")
        .file("d/x/y", "1")
        .symlink("l", "f")
        .file("to-dir", "1")
        .symlink("link-to-dir", "d");
  });
  stack.apply([](TestArchive& a) {
    a.file("f", "2").file("d", "2").file("l", "2").directory("to-dir").file("to-dir/y", "2");
    a.directory("link-to-dir").file("link-to-dir/z", "2");
  });
  for (const auto* name : {"f", "d", "l", "to-dir/y", "link-to-dir/z"}) {
    CAPTURE(name);
    CHECK(read_file(stack.root / name) == "2");
    CHECK(fs::is_regular_file(fs::symlink_status(stack.root / name)));
  }
}

TEST_CASE("apply_layer: a later layer does not write through a link of the ones below") {
  Stack stack;
  stack.apply([](TestArchive& a) { a.directory("d").symlink("l", "d"); });
  CHECK(error_of([&] { stack.apply([](TestArchive& a) { a.file("l/f", "2"); }); }).kind ==
        ErrorKind::invalid);
  CHECK_FALSE(stack.has("d/f"));
}

TEST_CASE(
    "apply_layer: whiteouts hide what is below, not what the same layer brings, in any order") {
  Stack stack;
  stack.apply([](TestArchive& a) {
    a.file("d/old", "1").file("d/both", "1").file("e/f", "1").file("kept", "1");
  });
  stack.apply([](TestArchive& a) {
    a.file("d/both", "2")
        .file("d/.wh.both", "")
        .file("d/.wh.old", "")
        .file(".wh.e", "")
        .file(".wh.never", "");
  });
  CHECK_FALSE(stack.has("d/old"));
  CHECK(read_file(stack.root / "d/both") == "2");
  CHECK_FALSE(stack.has("e"));
  CHECK(stack.has("kept"));
  CHECK_FALSE(stack.has("d/.wh.old"));
}

TEST_CASE("apply_layer: an opaque whiteout empties the directory below, in any order") {
  Stack stack;
  stack.apply([](TestArchive& a) { a.file("d/a", "1").file("d/sub/b", "1").file("d/sub/c", "1"); });
  stack.apply([](TestArchive& a) { a.file("d/sub/new", "2").file("d/.wh..wh..opq", ""); });
  CHECK_FALSE(stack.has("d/a"));
  CHECK_FALSE(stack.has("d/sub/b"));
  CHECK(read_file(stack.root / "d/sub/new") == "2");
  CHECK_FALSE(stack.has("d/.wh..wh..opq"));
}

TEST_CASE("apply_layer: a whiteout cannot reach out") {
  Stack stack;
  SUBCASE("dot dot as the hidden name") {
    CHECK(error_of([&] { stack.apply([](TestArchive& a) { a.file("d/.wh...", ""); }); }).kind ==
          ErrorKind::invalid);
  }
  SUBCASE("no hidden name") {
    CHECK(error_of([&] { stack.apply([](TestArchive& a) { a.file(".wh.", ""); }); }).kind ==
          ErrorKind::invalid);
  }
  SUBCASE("through a link that was there before") {
    fs::create_directory_symlink(stack.place.path(), stack.root / "l");
    stack.apply([](TestArchive& a) { a.file("l/.wh.outside", "").file("l/.wh..wh..opq", ""); });
  }
  CHECK(read_file(stack.place.path() / "outside") == "untouched");
}

TEST_CASE("apply_layer: publishes modes whatever the archive and the umask say") {
  Stack stack;
  const auto before = ::umask(077);
  stack.apply([](TestArchive& a) {
    a.directory("d", 0700).file("d/f", "x", 0600).file("new/x", "x", 04711);
  });
  ::umask(before);
  CHECK(mode_of(stack.root / "d") == 0755);
  CHECK(mode_of(stack.root / "d/f") == 0644);
  CHECK(mode_of(stack.root / "new") == 0755);
  CHECK(mode_of(stack.root / "new/x") == 0755);
}

TEST_CASE("apply_layer: all layers of an image share one limit") {
  Stack stack;
  stack.left.max_bytes = 1000;
  stack.apply([](TestArchive& a) { a.file("a", std::string(600, 'x')); });
  CHECK(stack.left.max_bytes == 400);
  CHECK(error_of([&] {
          stack.apply([](TestArchive& a) { a.file("b", std::string(600, 'x')); });
        }).kind == ErrorKind::too_large);
}
