// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/test_image.hpp"

#include "common/base/environment.hpp"
#include "common/base/file.hpp"
#include "common/image/archive.hpp"
#include "common/image/oci_layout.hpp"

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

Descriptor push_blob(ImageStore& store, const std::string& content, std::string_view media_type) {
  const auto digest = digest_of(content);
  auto upload = store.begin_upload();
  upload.append(content);
  upload.commit(digest);
  return {std::string(media_type), digest, content.size()};
}

} // namespace

fs::path watchdog_program() {
  auto path = executable_directory() / "cflash-watchdog";
  return fs::exists(path) ? path : fs::path();
}

std::string push_test_image(ImageStore& store,
                            const std::vector<std::string>& entrypoint,
                            const std::vector<std::string>& extra) {
  const TemporaryDirectory scratch(fs::temp_directory_path());
  const auto empty = scratch.path() / "empty";
  write_file_atomic(empty, "");
  LayerEntries entries{{"home", scratch.path()},
                       {"home/app", scratch.path()},
                       {"home/app/behave", executable_directory() / "engine_behave"},
                       {"cubeflash", scratch.path()},
                       {"cubeflash/watchdog", watchdog_program()}};
  for (const auto& path : extra)
    entries[path] = empty;
  const auto file = scratch.path() / "layer.tar.gz";
  const auto layer = write_layer(entries, file);
  ImageConfig config;
  config.architecture = image_architecture();
  config.env = {"fprocess=cat", "FROM_IMAGE=yes"};
  config.entrypoint = entrypoint;
  config.working_dir = "/home/app";
  config.diff_ids = {layer.diff_id};
  ImageManifest manifest;
  manifest.config = push_blob(store, to_json_text(config), kConfigType);
  manifest.layers = {push_blob(store, read_file(file), kLayerType)};
  return store.put_manifest(ImageReference::parse("engine-test:latest"), to_json_text(manifest));
}

} // namespace cubeflash::daemon
