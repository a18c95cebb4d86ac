// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "common/image/archive.hpp"
#include "tests/image/archive_builder.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace cubeflash;
namespace fs = std::filesystem;

namespace {

// An archive, the directory to unpack into, and next to it a file that no archive may touch.
struct Unpacking {
  TemporaryDirectory place{fs::temp_directory_path()};
  fs::path archive = place.path() / "archive";
  fs::path into = place.path() / "into";
  fs::path outside = place.path() / "outside";

  Unpacking() {
    fs::create_directory(into);
    write_file_atomic(outside, "untouched");
  }

  Thrown unpack(const ExtractLimits& limits = {}) const {
    const auto error = error_of([&] { extract_archive(archive, into, limits); });
    CHECK(read_file(outside) == "untouched");
    CHECK(fs::hard_link_count(outside) == 1);
    return error;
  }
};

mode_t mode_of(const fs::path& path) {
  struct stat status {};

  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

} // namespace

TEST_CASE("extract_archive: unpacks tar plain, gzip, zstd, xz and zip") {
  using Format = TestArchive::Format;
  for (const auto format :
       {Format::tar, Format::tar_gzip, Format::tar_zstd, Format::tar_xz, Format::zip}) {
    CAPTURE(static_cast<int>(format));
    const Unpacking at;
    TestArchive(at.archive, format)
        .directory("a")
        .file("./a/b/run.sh", "#!/bin/sh\n", 0755)
        .file("empty", "")
        .symlink("a/link", "b/run.sh");
    const auto error = at.unpack();
    CHECK_MESSAGE(!error.thrown, error.what);
    CHECK(read_file(at.into / "a/b/run.sh") == "#!/bin/sh\n");
    CHECK((mode_of(at.into / "a/b/run.sh") & 0100U) != 0);
    CHECK(fs::file_size(at.into / "empty") == 0);
    CHECK(fs::read_symlink(at.into / "a/link") == "b/run.sh");
  }
}

TEST_CASE("extract_archive: refuses what leads out, and leaves the outside untouched") {
  struct Case {
    const char* name;
    const char* says;
    void (*build)(TestArchive&);
  };

  const Case cases[] = {
      {"dot dot", "\"..\" in its path", [](TestArchive& a) { a.file("../outside", "evil"); }},
      {"dot dot inside",
       "\"..\" in its path",
       [](TestArchive& a) { a.file("a/../../outside", "evil"); }},
      {"dot dot directory", "\"..\" in its path", [](TestArchive& a) { a.directory("../evil"); }},
      {"absolute path",
       "absolute path",
       [](TestArchive& a) { a.file("/tmp/cflash-evil", "evil"); }},
      {"absolute symlink",
       "absolute path",
       [](TestArchive& a) { a.symlink("passwd", "/etc/passwd"); }},
      {"escaping symlink", "leads out", [](TestArchive& a) { a.symlink("l", "../outside"); }},
      {"escaping symlink, deeper",
       "leads out",
       [](TestArchive& a) { a.symlink("a/b/l", "../../../outside"); }},
      {"climbing after a name",
       "after a name",
       [](TestArchive& a) { a.symlink("d/e/up", "../..").symlink("d/e/out", "up/../outside"); }},
      {"write through a symlink",
       "is a link or a file",
       [](TestArchive& a) { a.directory("real").symlink("l", "real").file("l/file", "evil"); }},
      {"write through a symlink, deep",
       "is a link or a file",
       [](TestArchive& a) {
         a.directory("real/x").symlink("l", "real").file("l/x/y/file", "evil");
       }},
      {"write through a file",
       "is a link or a file",
       [](TestArchive& a) { a.file("f", "x").file("f/g", "evil"); }},
      {"hard link out",
       "\"..\" in its path",
       [](TestArchive& a) { a.hardlink("h", "../outside"); }},
      {"hard link to an absolute path",
       "absolute path",
       [](TestArchive& a) { a.hardlink("h", "/etc/passwd"); }},
      {"hard link to a symlink",
       "which is no file",
       [](TestArchive& a) { a.symlink("d/e/up", "../..").hardlink("h", "d/e/up"); }},
      {"hard link through a symlink",
       "is a link or a file",
       [](TestArchive& a) { a.file("d/f", "x").symlink("l", "d").hardlink("h", "l/f"); }},
      {"hard link to nothing", "not there", [](TestArchive& a) { a.hardlink("h", "missing"); }},
      {"hard link to itself",
       "itself",
       [](TestArchive& a) { a.file("f", "x").hardlink("f", "f"); }},
      {"character device", "device", [](TestArchive& a) { a.special("dev/null", AE_IFCHR); }},
      {"block device", "device", [](TestArchive& a) { a.special("sda", AE_IFBLK); }},
      {"fifo", "fifo", [](TestArchive& a) { a.special("pipe", AE_IFIFO); }},
      {"a file where a directory is",
       "a directory of this name",
       [](TestArchive& a) { a.file("d/f", "x").file("d", "y"); }},
      {"a name longer than a path",
       "too long",
       [](TestArchive& a) { a.file(std::string(4000, 'x'), "y"); }},
  };
  for (const auto& row : cases) {
    CAPTURE(row.name);
    const Unpacking at;
    {
      TestArchive archive(at.archive);
      row.build(archive);
    }
    const auto error = at.unpack();
    CHECK(error.thrown);
    CHECK(error.kind == ErrorKind::invalid);
    CHECK_MESSAGE(error.says(row.says), error.what);
    CHECK(error.says("entry \""));
  }
  CHECK_FALSE(fs::exists("/tmp/cflash-evil"));
}

TEST_CASE(
    "extract_archive: replaces a link of an earlier entry instead of writing to what it leads to") {
  const Unpacking at;
  TestArchive(at.archive).file("target", "kept").symlink("l", "target").file("l", "new");
  CHECK_FALSE(at.unpack().thrown);
  CHECK(read_file(at.into / "target") == "kept");
  CHECK(read_file(at.into / "l") == "new");
  CHECK(fs::is_regular_file(fs::symlink_status(at.into / "l")));
}

TEST_CASE("extract_archive: does not follow a link that was in the directory before") {
  const Unpacking at;
  fs::create_directory_symlink(at.place.path(), at.into / "l");
  TestArchive(at.archive).file("l/outside", "evil");
  CHECK(at.unpack().kind == ErrorKind::invalid);
}

TEST_CASE("extract_archive: drops set-id bits and keeps everything usable by its owner") {
  const Unpacking at;
  TestArchive(at.archive).directory("d", 0000).file("d/suid", "x", 06755).file("d/none", "x", 0000);
  CHECK_FALSE(at.unpack().thrown);
  CHECK((mode_of(at.into / "d/suid") & 07000U) == 0);
  CHECK((mode_of(at.into / "d/suid") & 0700U) == 0700);
  CHECK((mode_of(at.into / "d/none") & 0400U) == 0400);
  CHECK((mode_of(at.into / "d") & 0700U) == 0700);
}

TEST_CASE("extract_archive: hard links within share one file") {
  const Unpacking at;
  TestArchive(at.archive).file("a/f", "shared").hardlink("b/g", "a/f");
  CHECK_FALSE(at.unpack().thrown);
  CHECK(read_file(at.into / "b/g") == "shared");
  CHECK(fs::hard_link_count(at.into / "a/f") == 2);
}

TEST_CASE("extract_archive: keeps names beyond ASCII and long ones, whatever the locale") {
  const Unpacking at;
  const std::string name = "Übergröße-日本語-🚀.txt";
  const auto deep =
      std::string(120, 'd') + "/" + std::string(120, 'e') + "/" + std::string(200, 'f');
  const auto source = at.place.path() / "source";
  write_file_atomic(source, "content");
  write_layer({{name, source}, {deep, source}}, at.archive);
  CHECK_FALSE(at.unpack().thrown);
  CHECK(read_file(at.into / name) == "content");
  CHECK(read_file(at.into / deep) == "content");
}

TEST_CASE("extract_archive: stops at the limits while it unpacks") {
  const Unpacking at;
  TestArchive(at.archive).file("bomb", std::string(8U << 20U, '\0'));
  CHECK(fs::file_size(at.archive) < 100'000);
  auto error = at.unpack({.max_bytes = 1U << 20U, .max_entries = 10});
  CHECK(error.kind == ErrorKind::too_large);
  CHECK_FALSE((fs::exists(at.into / "bomb") && fs::file_size(at.into / "bomb") > (1U << 20U)));

  TestArchive(at.archive).file("a", std::string(600, 'x')).file("b", std::string(600, 'x'));
  CHECK(at.unpack({.max_bytes = 1000, .max_entries = 10}).kind == ErrorKind::too_large);
  CHECK_FALSE(at.unpack({.max_bytes = 1200, .max_entries = 2}).thrown);
  CHECK(at.unpack({.max_bytes = 1200, .max_entries = 1}).kind == ErrorKind::too_large);
}

TEST_CASE("extract_archive: says that a broken archive is broken") {
  const Unpacking at;
  std::string noise;
  for (unsigned i = 0, x = 1; i < 200'000; ++i)
    noise.push_back(static_cast<char>((x = x * 1'103'515'245 + 12345) >> 16U));
  TestArchive(at.archive).file("noise", noise);
  const auto whole = read_file(at.archive);

  SUBCASE("truncated gzip") {
    write_file_atomic(at.archive, std::string_view(whole).substr(0, whole.size() / 2));
  }
  SUBCASE("damaged gzip") {
    auto damaged = whole;
    for (std::size_t i = 1000; i < 60'000; ++i)
      damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
    write_file_atomic(at.archive, damaged);
  }
  SUBCASE("empty file") {
    write_file_atomic(at.archive, "");
  }
  SUBCASE("no archive at all") {
    write_file_atomic(at.archive, "hello, I am a text file\n");
  }
  const auto error = at.unpack();
  CHECK(error.kind == ErrorKind::invalid);
  CHECK_MESSAGE(error.says("no sound archive"), error.what);
}

TEST_CASE("extract_archive: names an archive or a directory that is not there") {
  const Unpacking at;
  CHECK(at.unpack().kind == ErrorKind::not_found);
  TestArchive(at.archive).file("a", "x");
  const auto error = error_of([&] { extract_archive(at.archive, at.place.path() / "nowhere"); });
  CHECK(error.code == ENOENT);
  CHECK(error.says("nowhere"));
}

TEST_CASE("extract_archive: leaves the process's umask alone") {
  const Unpacking at;
  TestArchive(at.archive).directory("d").file("f", "x");
  const auto before = ::umask(027);
  const auto error = at.unpack();
  const auto after = ::umask(before);
  CHECK_FALSE(error.thrown);
  CHECK(after == 027);
  CHECK((mode_of(at.into / "f") & 0007U) == 0);
}
