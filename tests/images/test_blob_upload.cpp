// SPDX-License-Identifier: Apache-2.0
#include "tests/images/pushed_image.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/small_disk.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace cubeflash;
using namespace cubeflash::daemon;

TEST_CASE("BlobUpload: a committed blob is there, whole, under its digest") {
  const TestStore at;
  auto upload = at.store.begin_upload();
  upload.append("hello ");
  upload.append("world");
  const auto digest = digest_of("hello world");
  CHECK_FALSE(at.store.blob_size(digest));
  upload.commit(digest);
  CHECK(at.store.blob_size(digest) == 11U);
  CHECK(read_file(at.blob(digest)) == "hello world");
}

TEST_CASE("BlobUpload: a corrupted upload is refused with both digests, and leaves nothing") {
  const TestStore at;
  {
    auto upload = at.store.begin_upload();
    upload.append("hello worle");
    const auto error = error_of([&] { upload.commit(digest_of("hello world")); });
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.says("digest mismatch"));
    CHECK(error.says(digest_of("hello world")));
    CHECK(error.says(digest_of("hello worle")));
  }
  CHECK(at.count("blobs/sha256") == 0);
}

TEST_CASE("BlobUpload: a truncated or abandoned upload leaves nothing") {
  const TestStore at;
  {
    auto abandoned = at.store.begin_upload();
    abandoned.append("half");
    auto truncated = at.store.begin_upload();
    truncated.append("hello");
    CHECK(error_of([&] { truncated.commit(digest_of("hello world")); }).kind == ErrorKind::invalid);
    auto moved = std::move(abandoned);
    moved.append("more");
    CHECK(at.count("blobs/sha256") == 2);
  }
  CHECK(at.count("blobs/sha256") == 0);
}

TEST_CASE("BlobUpload: refuses what is no digest before it makes a path of it") {
  const TestStore at;
  auto upload = at.store.begin_upload();
  upload.append("x");
  CHECK(error_of([&] { upload.commit("sha256:../../../../etc/passwd"); }).kind ==
        ErrorKind::invalid);
  CHECK(error_of([&] { (void)at.store.blob_size("../../etc/passwd"); }).kind == ErrorKind::invalid);
}

TEST_CASE("BlobUpload: stops at its limit") {
  const TestStore at;
  auto upload = at.store.begin_upload(10);
  upload.append("0123456789");
  CHECK(error_of([&] { upload.append("x"); }).kind == ErrorKind::too_large);
}

TEST_CASE("BlobUpload: two uploads of the same blob at once both succeed") {
  const TestStore at;
  std::string content(3U << 20U, 'x');
  const auto digest = digest_of(content);
  std::vector<std::thread> pushers;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 4; ++i)
    pushers.emplace_back([&] {
      if (error_of([&] {
            auto upload = at.store.begin_upload();
            for (std::size_t done = 0; done < content.size(); done += 65536)
              upload.append(std::string_view(content).substr(done, 65536));
            upload.commit(digest);
          }).thrown)
        ++failures;
    });
  for (auto& pusher : pushers)
    pusher.join();
  CHECK(failures == 0);
  CHECK(at.count("blobs/sha256") == 1);
  CHECK(digest_of_file(at.blob(digest)) == digest);
}

TEST_CASE("BlobUpload: a full disk is a SystemError that names the path") {
  const SmallDisk disk(1U << 20U);
  if (!disk.reason().empty()) return skip_test(disk.reason());
  const ImageStore store(disk.path() / "images");
  auto upload = store.begin_upload();
  const auto error = error_of([&] {
    for (int i = 0; i < 64; ++i)
      upload.append(std::string(65536, 'x'));
  });
  CHECK(error.code == ENOSPC);
  CHECK_MESSAGE(error.says(disk.path().string()), error.what);
}
