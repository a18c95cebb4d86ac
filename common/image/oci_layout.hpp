// SPDX-License-Identifier: Apache-2.0
// OCI image documents and the image layout directory (https://github.com/opencontainers/image-spec,
// image-layout.md, manifest.md, config.md). It refuses to know what is in a layer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash {

inline constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kConfigType = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";

struct Descriptor {
  std::string media_type;
  std::string digest;
  std::uint64_t size = 0;
};

struct ImageManifest {
  Descriptor config;
  std::vector<Descriptor> layers;
  std::map<std::string, std::string> annotations;
};

struct ImageConfig {
  std::string architecture;     // "amd64", "arm64": Go's names, as the specification asks
  std::vector<std::string> env; // "NAME=value"
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;
  std::string user;
  std::map<std::string, std::string> labels;
  std::vector<std::string> diff_ids;
};

// The machine's architecture in the image specification's words.
std::string image_architecture();

// Deterministic JSON. The parsers throw Error(invalid) naming what is wrong; unknown fields are
// ignored.
std::string to_json_text(const ImageManifest& manifest);
std::string to_json_text(const ImageConfig& config);
ImageManifest parse_manifest(std::string_view json);
ImageConfig parse_config(std::string_view json);

// A layout directory that holds one image.
class OciLayout {
 public:
  // Creates what is missing (`oci-layout`, `blobs/sha256`).
  static OciLayout create(const std::filesystem::path& directory);

  // Throws Error(not_found) when there is no layout.
  static OciLayout open(const std::filesystem::path& directory);

  const std::filesystem::path& directory() const { return directory_; }

  std::filesystem::path blob_path(std::string_view digest) const;

  // Stores the bytes under their digest.
  Descriptor put_blob(std::string_view content, std::string_view media_type) const;

  // Makes `manifest` the layout's one image, under `tag` (org.opencontainers.image.ref.name).
  void set_manifest(const Descriptor& manifest, const std::string& tag) const;

  // Of index.json's first image; its bytes are what a push sends. Throws Error(not_found |
  // invalid).
  Descriptor manifest_descriptor() const;

 private:
  explicit OciLayout(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path directory_;
};

// "render:latest", "registry:5000/a/b", "b@sha256:..." taken apart. A missing tag is "latest".
struct ImageReference {
  std::string repository;
  std::string tag;
  std::string digest; // empty when a tag is meant

  // Throws Error(invalid) for what the distribution specification does not allow.
  static ImageReference parse(std::string_view text);

  std::string text() const;
};

} // namespace cubeflash
