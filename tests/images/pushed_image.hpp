// SPDX-License-Identifier: Apache-2.0
// A store of its own, and images pushed to it as the API would.
#pragma once

#include "common/base/file.hpp"
#include "daemon/images/image_store.hpp"
#include "tests/image/archive_builder.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

using BuildLayer = std::function<void(TestArchive&)>;

struct TestStore {
  TemporaryDirectory place{std::filesystem::temp_directory_path()};
  std::filesystem::path directory = place.path() / "images";
  ImageStore store{directory};

  std::filesystem::path blob(const std::string& digest) const {
    return directory / "blobs" / "sha256" / digest.substr(7);
  }

  std::filesystem::path root(const std::string& manifest) const {
    return directory / "roots" / manifest.substr(7);
  }

  Descriptor push_blob(const std::string& content, std::string_view type) {
    auto upload = store.begin_upload();
    upload.append(content);
    const auto digest = digest_of(content);
    upload.commit(digest);
    return {std::string(type), digest, content.size()};
  }

  Descriptor push_layer(const BuildLayer& build) {
    const auto file = place.path() / "layer";
    {
      TestArchive archive(file);
      build(archive);
    }
    return push_blob(read_file(file), kLayerType);
  }

  // The manifest's text; its config and layers are pushed.
  std::string manifest_of(const std::vector<BuildLayer>& layers) {
    ImageManifest manifest;
    ImageConfig config;
    config.architecture = image_architecture();
    config.env = {"fprocess=cat"};
    for (const auto& build : layers) {
      manifest.layers.push_back(push_layer(build));
      config.diff_ids.push_back(manifest.layers.back().digest);
    }
    manifest.config = push_blob(to_json_text(config), kConfigType);
    return to_json_text(manifest);
  }

  std::string push(const std::string& reference, const std::vector<BuildLayer>& layers) {
    return store.put_manifest(ImageReference::parse(reference), manifest_of(layers));
  }

  std::string push_file(const std::string& reference, const std::string& content) {
    return push(reference, {[&](TestArchive& a) { a.file("home/app/f", content); }});
  }

  std::size_t count(const std::string& below) const {
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(directory / below))
      ++entries;
    return entries;
  }
};

} // namespace cubeflash::daemon
