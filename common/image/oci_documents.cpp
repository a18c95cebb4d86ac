// SPDX-License-Identifier: Apache-2.0
// Manifest and configuration as JSON (image-spec, manifest.md and config.md). No times are written:
// they would make the digest of an unchanged image differ from one build to the next.
#include "common/base/error.hpp"
#include "common/image/digest.hpp"
#include "common/image/oci_layout.hpp"
#include "common/model/api.hpp"
#include "common/model/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <sys/utsname.h>

namespace cubeflash {

using nlohmann::json;

namespace {

constexpr std::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";

json to_json(const Descriptor& descriptor) {
  return {{"mediaType", descriptor.media_type},
          {"digest", descriptor.digest},
          {"size", descriptor.size}};
}

Descriptor read_descriptor(const JsonReader& reader) {
  Descriptor descriptor{reader.text("mediaType"), reader.text("digest"), 0};
  if (!is_digest(descriptor.digest)) reader.wrong("digest", "sha256: and 64 hex digits");
  const auto size = reader.count("size");
  if (!size) reader.wrong("size", "a number of bytes");
  descriptor.size = *size;
  return descriptor;
}

} // namespace

std::string image_architecture() {
  utsname names{};
  ::uname(&names);
  const std::string_view machine = names.machine;
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine == "i686" || machine == "i386") return "386";
  if (machine.starts_with("arm")) return "arm";
  return std::string(machine); // riscv64, ppc64le, s390x: the same word in both
}

std::string to_json_text(const ImageManifest& manifest) {
  json document{
      {"schemaVersion", 2}, {"mediaType", kManifestType}, {"config", to_json(manifest.config)}};
  auto& layers = document["layers"] = json::array();
  for (const auto& layer : manifest.layers)
    layers.push_back(to_json(layer));
  if (!manifest.annotations.empty()) document["annotations"] = manifest.annotations;
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_json_text(const ImageConfig& config) {
  json run = json::object();
  const auto put = [&run](const char* key, const auto& value) {
    if (!value.empty()) run[key] = value;
  };
  put("Env", config.env);
  put("Entrypoint", config.entrypoint);
  put("Cmd", config.cmd);
  put("WorkingDir", config.working_dir);
  put("User", config.user);
  put("Labels", config.labels);
  const json document{{"architecture", config.architecture},
                      {"os", "linux"},
                      {"config", run},
                      {"rootfs", {{"type", "layers"}, {"diff_ids", config.diff_ids}}}};
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

ImageManifest parse_manifest(std::string_view text) {
  return with_context("image manifest", [&] {
    const auto document = parse_json(text);
    const JsonReader reader(document);
    if (reader.has("manifests"))
      throw Error(
          ErrorKind::invalid,
          "this is an index of images for several platforms; push the image of one platform");
    if (reader.count("schemaVersion") != 2U) reader.wrong("schemaVersion", "2");
    const auto type = reader.text("mediaType");
    if (!type.empty() && type != kManifestType && type != kDockerManifestType)
      reader.wrong("mediaType", std::string(kManifestType));
    if (!reader.has("config")) reader.wrong("config", "a descriptor");
    if (!reader.has("layers")) reader.wrong("layers", "an array of descriptors");
    ImageManifest manifest;
    manifest.config = read_descriptor(reader.object("config"));
    reader.each_object("layers", [&](const JsonReader& layer) {
      manifest.layers.push_back(read_descriptor(layer));
    });
    manifest.annotations = reader.map("annotations");
    return manifest;
  });
}

ImageConfig parse_config(std::string_view text) {
  return with_context("image configuration", [&] {
    const auto document = parse_json(text);
    const JsonReader reader(document);
    if (const auto os = reader.text("os"); !os.empty() && os != "linux")
      reader.wrong("os", "linux");
    const auto run = reader.object("config");
    ImageConfig config;
    config.architecture = reader.text("architecture");
    config.env = run.texts("Env");
    config.entrypoint = run.texts("Entrypoint");
    config.cmd = run.texts("Cmd");
    config.working_dir = run.text("WorkingDir");
    config.user = run.text("User");
    config.labels = run.map("Labels");
    config.diff_ids = reader.object("rootfs").texts("diff_ids");
    return config;
  });
}

} // namespace cubeflash
