// SPDX-License-Identifier: Apache-2.0
#include "common/image/oci_layout.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/image/digest.hpp"
#include "common/model/api.hpp"
#include "common/model/json_reader.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr const char* kReferenceName = "org.opencontainers.image.ref.name";

} // namespace

OciLayout OciLayout::create(const fs::path& directory) {
  std::error_code failure;
  fs::create_directories(directory / "blobs" / "sha256", failure);
  if (failure) throw SystemError(failure.value(), "creating {}", directory.string());
  if (!fs::exists(directory / "oci-layout"))
    write_file_atomic(directory / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  return OciLayout(directory);
}

OciLayout OciLayout::open(const fs::path& directory) {
  if (!fs::exists(directory / "oci-layout"))
    throw Error(ErrorKind::not_found, fmt::format("there is no image in {}", directory.string()));
  return OciLayout(directory);
}

fs::path OciLayout::blob_path(std::string_view digest) const {
  if (!is_digest(digest))
    throw Error(ErrorKind::invalid, fmt::format("\"{}\" is no digest", digest));
  return directory_ / "blobs" / "sha256" / digest.substr(digest.find(':') + 1);
}

Descriptor OciLayout::put_blob(std::string_view content, std::string_view media_type) const {
  Descriptor descriptor{std::string(media_type), digest_of(content), content.size()};
  write_file_atomic(blob_path(descriptor.digest), content);
  return descriptor;
}

void OciLayout::set_manifest(const Descriptor& manifest, const std::string& tag) const {
  const json entry{{"mediaType", manifest.media_type},
                   {"digest", manifest.digest},
                   {"size", manifest.size},
                   {"annotations", {{kReferenceName, tag}}}};
  const json index{
      {"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", json::array({entry})}};
  write_file_atomic(directory_ / "index.json", index.dump());
}

Descriptor OciLayout::manifest_descriptor() const {
  const auto path = directory_ / "index.json";
  if (!fs::exists(path))
    throw Error(ErrorKind::not_found, fmt::format("there is no image in {}", directory_.string()));
  return with_context(path.string(), [&] {
    const auto document = parse_json(read_file(path));
    const JsonReader reader(document);
    std::optional<Descriptor> first;
    reader.each_object("manifests", [&](const JsonReader& manifest) {
      if (first) return;
      first = Descriptor{
          manifest.text("mediaType"), manifest.text("digest"), manifest.count("size").value_or(0)};
      if (!is_digest(first->digest)) manifest.wrong("digest", "sha256: and 64 hex digits");
    });
    if (!first) throw Error(ErrorKind::not_found, "it names no image");
    return *first;
  });
}

} // namespace cubeflash
