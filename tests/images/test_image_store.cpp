// SPDX-License-Identifier: Apache-2.0
#include "tests/images/pushed_image.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::daemon;

namespace {

ImageReference reference(const std::string& text) {
  return ImageReference::parse(text);
}

} // namespace

TEST_CASE("put_manifest: a tag means the image pushed last, and its digest means it for ever") {
  TestStore at;
  const auto first = at.push_file("render:latest", "1");
  CHECK(at.store.resolve(reference("render")) == first);
  const auto second = at.push_file("render:latest", "2");
  CHECK(first != second);
  CHECK(at.store.resolve(reference("render:latest")) == second);
  CHECK(at.store.resolve(reference("render@" + first)) == first);
  CHECK(at.store.resolve(reference("render:latest@" + first)) == first);
  CHECK_FALSE(at.store.resolve(reference("render:other")));
  CHECK_FALSE(at.store.resolve(reference("other:latest")));
  CHECK_FALSE(at.store.resolve(reference("other@" + first)));
}

TEST_CASE("put_manifest: what was pushed is there for the next daemon") {
  TestStore at;
  const auto digest = at.push_file("render:latest", "1");
  const ImageStore next(at.directory);
  CHECK(next.resolve(reference("render:latest")) == digest);
}

TEST_CASE("put_manifest: under a digest, the digest must be the document's own") {
  TestStore at;
  const auto manifest = at.manifest_of({[](TestArchive& a) { a.file("f", "x"); }});
  const auto error =
      error_of([&] { at.store.put_manifest(reference("render@" + digest_of("other")), manifest); });
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.says("digest mismatch"));
  CHECK(at.store.put_manifest(reference("render@" + digest_of(manifest)), manifest) ==
        digest_of(manifest));
  CHECK_FALSE(at.store.resolve(reference("render:latest")));
}

TEST_CASE("put_manifest: names a blob that was not pushed") {
  TestStore at;
  const auto manifest = at.manifest_of({[](TestArchive& a) { a.file("f", "x"); }});
  const auto parsed = parse_manifest(manifest);
  std::string missing;
  SUBCASE("layer") {
    missing = parsed.layers[0].digest;
  }
  SUBCASE("configuration") {
    missing = parsed.config.digest;
  }
  std::filesystem::remove(at.blob(missing));
  const auto error = error_of([&] { at.store.put_manifest(reference("render"), manifest); });
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.says(missing));
  CHECK_FALSE(at.store.resolve(reference("render")));
}

TEST_CASE("put_manifest: names a blob whose size differs") {
  TestStore at;
  auto manifest = parse_manifest(at.manifest_of({[](TestArchive& a) { a.file("f", "x"); }}));
  manifest.layers[0].size += 1;
  const auto error =
      error_of([&] { at.store.put_manifest(reference("render"), to_json_text(manifest)); });
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.says(manifest.layers[0].digest));
}

TEST_CASE("put_manifest: refuses what is no manifest, and one whose configuration is none") {
  TestStore at;
  for (const std::string& text : {std::string("{}"), std::string("not json"), std::string()}) {
    CAPTURE(text);
    CHECK(error_of([&] { at.store.put_manifest(reference("render"), text); }).kind ==
          ErrorKind::invalid);
  }
  ImageManifest manifest;
  manifest.config = at.push_blob("this is no configuration", kConfigType);
  CHECK(error_of([&] {
          at.store.put_manifest(reference("render"), to_json_text(manifest));
        }).kind == ErrorKind::invalid);
  ImageConfig config;
  config.diff_ids = {digest_of("a"), digest_of("b")};
  manifest.config = at.push_blob(to_json_text(config), kConfigType);
  CHECK(error_of([&] {
          at.store.put_manifest(reference("render"), to_json_text(manifest));
        }).says("layers"));
  const auto error =
      error_of([&] { at.store.put_manifest(reference("render"), std::string(5U << 20U, ' ')); });
  CHECK(error.kind == ErrorKind::too_large);
  CHECK(at.count("tags") == 0);
}

TEST_CASE("resolve: a damaged tag is an image that was never pushed, not a crash") {
  TestStore at;
  at.push_file("render:latest", "1");
  for (const auto& tag : std::filesystem::directory_iterator(at.directory / "tags"))
    write_file_atomic(tag.path(), "render:latest\nsha256:../../x\n");
  CHECK_FALSE(at.store.resolve(reference("render:latest")));
}
