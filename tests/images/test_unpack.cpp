// SPDX-License-Identifier: Apache-2.0
#include "tests/images/pushed_image.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/small_disk.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace cubeflash;
using namespace cubeflash::daemon;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const fs::path& path) {
  struct stat status {};

  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

} // namespace

TEST_CASE("unpack: applies the layers in order, with their whiteouts, for everybody to read") {
  TestStore at;
  const auto digest = at.push(
      "render",
      {[](TestArchive& a) { a.file("a/one", "1", 0600).file("a/two", "1").file("gone/x", "1"); },
       [](TestArchive& a) { a.file("a/two", "2", 0700).file(".wh.gone", ""); }});
  const auto image = at.store.unpack(digest);
  CHECK(image.config.env == std::vector<std::string>{"fprocess=cat"});
  CHECK(read_file(image.root / "a/one") == "1");
  CHECK(read_file(image.root / "a/two") == "2");
  CHECK_FALSE(fs::exists(image.root / "gone"));
  CHECK(mode_of(image.root) == 0755);
  CHECK(mode_of(image.root / "a") == 0755);
  CHECK(mode_of(image.root / "a/one") == 0644);
  CHECK(mode_of(image.root / "a/two") == 0755);
}

TEST_CASE("unpack: happens once") {
  TestStore at;
  const auto digest = at.push_file("render", "1");
  const auto first = at.store.unpack(digest);
  write_file_atomic(first.root / "mark", "x");
  const auto second = at.store.unpack(digest);
  CHECK(first.root == second.root);
  CHECK(fs::exists(second.root / "mark"));
}

TEST_CASE(
    "unpack: a root of another boot is made anew, for a power cut may have taken its content") {
  TestStore at;
  const auto digest = at.push_file("render", "whole");
  const auto root = at.store.unpack(digest).root;
  const auto mark = at.directory / "boots" / digest.substr(7);
  SUBCASE("the mark is another boot's") {
    write_file_atomic(mark, "0b5d0e12-0000-4000-8000-000000000000\n");
  }
  SUBCASE("the mark is empty") {
    write_file_atomic(mark, "");
  }
  SUBCASE("the mark is gone") {
    fs::remove(mark);
  }
  fs::resize_file(root / "home/app/f", 0);
  CHECK(read_file(at.store.unpack(digest).root / "home/app/f") == "whole");
  CHECK(at.count("roots") == 1);
}

TEST_CASE("unpack: concurrent callers of one image share one unpacking, of different images do not "
          "wait") {
  TestStore at;
  const auto many = [](TestArchive& a) {
    for (int i = 0; i < 300; ++i)
      a.file(fmt::format("d{}/f{}", i % 10, i), std::string(1000, 'x'));
  };
  const auto one = at.push("one", {many});
  const auto two = at.push("two", {many, [](TestArchive& a) { a.file("two", "2"); }});
  std::atomic<int> whole = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&, i] {
      const auto image = at.store.unpack(i % 2 == 0 ? one : two);
      if (read_file(image.root / "d9/f299").size() == 1000 &&
          (i % 2 == 0 || fs::exists(image.root / "two")))
        ++whole;
    });
  for (auto& caller : callers)
    caller.join();
  CHECK(whole == 8);
  CHECK(at.count("roots") == 2);
}

TEST_CASE("unpack: says which image is not here") {
  TestStore at;
  const auto error = error_of([&] { at.store.unpack(digest_of("never pushed")); });
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.says(digest_of("never pushed")));
  CHECK(error_of([&] { at.store.unpack("../../etc"); }).kind == ErrorKind::invalid);
}

TEST_CASE("unpack: a hostile or broken layer is named, and leaves nothing") {
  TestStore at;
  std::string digest;
  SUBCASE("path that leads out") {
    digest = at.push("evil", {[](TestArchive& a) { a.file("../../../evil", "x"); }});
  }
  SUBCASE("link that leads out") {
    digest = at.push("evil", {[](TestArchive& a) { a.symlink("l", "../../tags"); }});
  }
  SUBCASE("device") {
    digest = at.push("evil", {[](TestArchive& a) { a.special("d", AE_IFCHR); }});
  }
  SUBCASE("no archive") {
    ImageManifest manifest;
    manifest.layers = {at.push_blob("this is not a tar", kLayerType)};
    manifest.config = at.push_blob(to_json_text(ImageConfig{}), kConfigType);
    digest = at.store.put_manifest(ImageReference::parse("evil"), to_json_text(manifest));
  }
  const auto error = error_of([&] { at.store.unpack(digest); });
  CHECK(error.kind == ErrorKind::invalid);
  CHECK_MESSAGE(error.says("layer sha256:"), error.what);
  CHECK(at.count("roots") == 0);
}

TEST_CASE("unpack: after a kill in its middle, the next daemon unpacks the whole image") {
  TestStore at;
  const auto digest = at.push("big", {[](TestArchive& a) {
                                for (int i = 0; i < 5'000; ++i)
                                  a.file(fmt::format("d{}/f{}", i % 50, i), "content");
                              }});
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ImageStore(at.directory).unpack(digest);
    ::_exit(0);
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (at.count("roots") == 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE_MESSAGE(WIFSIGNALED(status), "it was done before the kill");
  CHECK(at.count("roots") == 1);
  CHECK_FALSE(fs::exists(at.root(digest)));

  ImageStore next(at.directory);
  const auto image = next.unpack(digest);
  CHECK(read_file(image.root / "d49/f4999") == "content");
  next.collect_garbage({digest}, std::chrono::seconds(0));
  CHECK(at.count("roots") == 1);
  CHECK(fs::exists(image.root / "d0/f0"));
}

TEST_CASE(
    "unpack: a full disk is a SystemError that names the file, and leaves room for the next try") {
  const SmallDisk disk(3U << 20U);
  if (!disk.reason().empty()) return skip_test(disk.reason());
  TestStore source;
  const auto digest =
      source.push("zeros", {[](TestArchive& a) {
                    a.file("small", "x").file("home/app/zeros", std::string(8U << 20U, '\0'));
                  }});
  fs::copy(source.directory, disk.path() / "images", fs::copy_options::recursive);
  ImageStore store(disk.path() / "images");
  const auto error = error_of([&] { store.unpack(digest); });
  CHECK(error.code == ENOSPC);
  CHECK_MESSAGE(error.says("home/app/zeros"), error.what);
  CHECK(fs::is_empty(disk.path() / "images" / "roots"));
}
