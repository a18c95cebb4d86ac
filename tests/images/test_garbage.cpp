// SPDX-License-Identifier: Apache-2.0
#include "tests/images/pushed_image.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace cubeflash;
using namespace cubeflash::daemon;
namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

// As if everything in the store had been there for two hours.
void make_old(const TestStore& at) {
  const auto then = fs::file_time_type::clock::now() - hours(2);
  for (const auto* below : {"blobs/sha256", "tags", "roots"})
    for (const auto& entry : fs::directory_iterator(at.directory / below))
      fs::last_write_time(entry.path(), then);
}

} // namespace

TEST_CASE("collect_garbage: removes old unused images with their blobs, tags and roots; keeps used "
          "ones whole") {
  TestStore at;
  const auto used = at.push_file("used", "1");
  const auto unused = at.push_file("unused", "2");
  at.store.unpack(used);
  at.store.unpack(unused);
  make_old(at);
  at.store.collect_garbage({used}, hours(1));
  CHECK(at.store.resolve(ImageReference::parse("used")) == used);
  CHECK(read_file(at.store.unpack(used).root / "home/app/f") == "1");
  CHECK_FALSE(at.store.resolve(ImageReference::parse("unused")));
  CHECK_FALSE(fs::exists(at.blob(unused)));
  CHECK_FALSE(fs::exists(at.root(unused)));
  CHECK(error_of([&] { at.store.unpack(unused); }).kind == ErrorKind::not_found);
  // A manifest, a configuration and a layer; both tests' configurations are the same but for the
  // layer.
  CHECK(at.count("blobs/sha256") == 3);
  CHECK(at.count("roots") == 1);
  CHECK(at.count("boots") == 1);
}

TEST_CASE("collect_garbage: keeps blobs that a kept image shares with a removed one") {
  TestStore at;
  const BuildLayer base = [](TestArchive& a) { a.file("base", std::string(1000, 'b')); };
  const auto kept = at.push("kept", {base, [](TestArchive& a) { a.file("f", "1"); }});
  at.push("removed", {base, [](TestArchive& a) { a.file("f", "2"); }});
  make_old(at);
  at.store.collect_garbage({kept}, hours(1));
  CHECK(at.count("blobs/sha256") == 4);
  CHECK(read_file(at.store.unpack(kept).root / "base").size() == 1000);
}

TEST_CASE(
    "collect_garbage: keeps what is young: images, blobs on their way to a manifest, uploads") {
  TestStore at;
  const auto image = at.push_file("young", "1");
  const auto lone = at.push_blob("a blob whose manifest comes next", kLayerType);
  auto upload = at.store.begin_upload();
  upload.append("still coming");
  at.store.collect_garbage({}, hours(1));
  CHECK(at.store.resolve(ImageReference::parse("young")) == image);
  CHECK(at.store.blob_size(lone.digest));
  CHECK_FALSE(error_of([&] { upload.commit(digest_of("still coming")); }).thrown);
}

TEST_CASE("collect_garbage: a blob that was asked for is kept for the manifest that will name it") {
  TestStore at;
  const auto blob = at.push_blob("an old layer", kLayerType);
  make_old(at);
  CHECK(at.store.blob_size(blob.digest));
  at.store.collect_garbage({}, hours(1));
  CHECK(at.store.blob_size(blob.digest));
  make_old(at);
  at.store.collect_garbage({}, hours(1));
  CHECK_FALSE(at.store.blob_size(blob.digest));
}

TEST_CASE("collect_garbage: an image that lost its tag stays as long as it is used") {
  TestStore at;
  const auto first = at.push_file("render", "1");
  const auto second = at.push_file("render", "2");
  make_old(at);
  at.store.collect_garbage({first, second}, hours(1));
  CHECK(read_file(at.store.unpack(first).root / "home/app/f") == "1");
  make_old(at);
  at.store.collect_garbage({second}, hours(1));
  CHECK_FALSE(at.store.resolve(ImageReference::parse("render@" + first)));
  CHECK(at.store.resolve(ImageReference::parse("render")) == second);
}

TEST_CASE("collect_garbage: removes what crashes left behind") {
  TestStore at;
  const auto image = at.push_file("render", "1");
  write_file_atomic(at.directory / "blobs" / "sha256" / "upload-abc123", "half");
  fs::create_directories(at.root(image).string() + ".tmp-Xy12Zz/half");
  fs::create_directories(at.root(digest_of("gone")).string() + "/half");
  make_old(at);
  at.store.collect_garbage({image}, hours(1));
  CHECK_FALSE(fs::exists(at.directory / "blobs" / "sha256" / "upload-abc123"));
  CHECK(at.count("roots") == 0);
  CHECK(read_file(at.store.unpack(image).root / "home/app/f") == "1");
}

TEST_CASE("collect_garbage: a used image that is not here is no error") {
  TestStore at;
  at.store.collect_garbage({digest_of("never pushed")}, seconds(0));
  CHECK(at.count("blobs/sha256") == 0);
}
