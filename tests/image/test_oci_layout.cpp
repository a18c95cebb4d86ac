// SPDX-License-Identifier: Apache-2.0
#include "common/base/environment.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/image/archive.hpp"
#include "common/image/oci_layout.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
namespace fs = std::filesystem;

namespace {

// A whole image as the native builder makes one.
Descriptor build_image(const fs::path& place) {
  const auto layout = OciLayout::create(place / "layout");
  write_file_atomic(place / "handler.py", "print('hi')\n");
  const auto written =
      write_layer({{"home/app/handler.py", place / "handler.py"}}, place / "layer");
  fs::rename(place / "layer", layout.blob_path(written.digest));
  const ImageConfig config{.architecture = image_architecture(),
                           .env = {"fprocess=python3 handler.py"},
                           .entrypoint = {"/usr/bin/cflash-watchdog"},
                           .cmd = {},
                           .working_dir = "/home/app",
                           .user = "1000",
                           .labels = {{"com.example.team", "a"}},
                           .diff_ids = {written.diff_id}};
  ImageManifest manifest;
  manifest.config = layout.put_blob(to_json_text(config), kConfigType);
  manifest.layers = {{std::string(kLayerType), written.digest, written.size}};
  manifest.annotations = {{"org.opencontainers.image.title", "hello"}};
  const auto descriptor = layout.put_blob(to_json_text(manifest), kManifestType);
  layout.set_manifest(descriptor, "latest");
  return descriptor;
}

ProcessResult skopeo(std::vector<std::string> args) {
  return run({.program = "skopeo", .args = std::move(args), .argv0 = {}, .env = {}, .cwd = {}});
}

} // namespace

TEST_CASE("OciLayout: what was put is found again, and the same image gives the same digest") {
  const TemporaryDirectory one(fs::temp_directory_path());
  const TemporaryDirectory two(fs::temp_directory_path());
  const auto first = build_image(one.path());
  CHECK(first.digest == build_image(two.path()).digest);
  const auto found = OciLayout::open(one.path() / "layout").manifest_descriptor();
  CHECK(found.digest == first.digest);
  CHECK(found.size == first.size);
  CHECK(found.media_type == kManifestType);
  CHECK(build_image(one.path()).digest == first.digest); // over the layout that is there
}

TEST_CASE("OciLayout: skopeo reads it and copies it") {
  if (!find_program("skopeo")) return skip_test("skopeo is not installed");
  const TemporaryDirectory place(fs::temp_directory_path());
  const auto manifest = build_image(place.path());
  const auto image = "oci:" + (place.path() / "layout").string() + ":latest";
  const auto inspected = skopeo({"inspect", image});
  REQUIRE_MESSAGE(inspected.status.ok(), inspected.err);
  CHECK(inspected.out.find(manifest.digest) != std::string::npos);
  CHECK(inspected.out.find("com.example.team") != std::string::npos);
  const auto config = skopeo({"inspect", "--config", image});
  REQUIRE_MESSAGE(config.status.ok(), config.err);
  CHECK(config.out.find("fprocess=python3 handler.py") != std::string::npos);
  // Copying verifies every digest, the layer's diff_id among them.
  const auto copied =
      skopeo({"--insecure-policy",
              "copy",
              image,
              "docker-archive:" + (place.path() / "image.tar").string() + ":hello:latest"});
  CHECK_MESSAGE(copied.status.ok(), copied.err);
}

TEST_CASE("OciLayout: says when there is no image, and when the index is broken") {
  const TemporaryDirectory place(fs::temp_directory_path());
  CHECK(error_of([&] { OciLayout::open(place.path()); }).kind == ErrorKind::not_found);
  const auto layout = OciLayout::create(place.path());
  CHECK(error_of([&] { (void)layout.manifest_descriptor(); }).kind == ErrorKind::not_found);
  write_file_atomic(place.path() / "index.json", R"({"manifests":[]})");
  CHECK(error_of([&] { (void)layout.manifest_descriptor(); }).kind == ErrorKind::not_found);
  write_file_atomic(place.path() / "index.json", R"({"manifests":[{"digest":"../../x"}]})");
  CHECK(error_of([&] { (void)layout.manifest_descriptor(); }).kind == ErrorKind::invalid);
  write_file_atomic(place.path() / "index.json", "{torn");
  CHECK(error_of([&] { (void)layout.manifest_descriptor(); }).kind == ErrorKind::invalid);
}

TEST_CASE("OciLayout: makes no path of anything but a digest") {
  const TemporaryDirectory place(fs::temp_directory_path());
  const auto layout = OciLayout::create(place.path());
  CHECK(error_of([&] { (void)layout.blob_path("sha256:../../../../etc/passwd"); }).kind ==
        ErrorKind::invalid);
}
