// SPDX-License-Identifier: Apache-2.0
#include "daemon/images/image_store.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/image/layer.hpp"
#include "daemon/images/store_layout.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

void check_blob(const fs::path& store, const Descriptor& blob, std::string_view what) {
  const auto size = file_size_of(blob_file(store, blob.digest));
  if (!size)
    throw Error(ErrorKind::invalid,
                fmt::format("the {} {} was not pushed", what, blob.digest),
                "push blobs first");
  if (*size != blob.size)
    throw Error(
        ErrorKind::invalid,
        fmt::format(
            "the {} {} has {} bytes; the manifest says {}", what, blob.digest, *size, blob.size));
}

ImageConfig read_config(const fs::path& store, const ImageManifest& manifest) {
  const auto config =
      parse_config(read_file(blob_file(store, manifest.config.digest), kMaxDocumentBytes));
  if (!config.diff_ids.empty() && config.diff_ids.size() != manifest.layers.size())
    throw Error(ErrorKind::invalid,
                fmt::format("the configuration speaks of {} layers, the manifest of {}",
                            config.diff_ids.size(),
                            manifest.layers.size()));
  return config;
}

ImageManifest read_manifest(const fs::path& store, const std::string& digest) {
  const auto file = blob_file(store, digest);
  if (!file_size_of(file))
    throw Error(ErrorKind::not_found, fmt::format("image {} is not here", digest));
  return parse_manifest(read_file(file, kMaxDocumentBytes));
}

void make_root(const fs::path& store, const ImageManifest& manifest, const fs::path& root) {
  ExtractLimits left;
  for (const auto& layer : manifest.layers) {
    try {
      apply_layer(blob_file(store, layer.digest), root, left);
    } catch (const SystemError&) {
      throw; // names its path, and its code says whether the disk is full
    } catch (const Error& error) {
      throw Error(
          error.kind(), fmt::format("layer {}: {}", layer.digest, error.what()), error.hint());
    }
  }
}

} // namespace

ImageStore::ImageStore(fs::path directory) : directory_(std::move(directory)) {
  for (const auto& path :
       {blobs_of(directory_), tags_of(directory_), roots_of(directory_), boots_of(directory_)}) {
    std::error_code failure;
    fs::create_directories(path, failure);
    if (failure) throw SystemError(failure.value(), "creating {}", path.string());
  }
  // Instances of other accounts read below it, whatever the daemon's umask.
  for (const auto& path : {directory_, roots_of(directory_)})
    if (::chmod(path.c_str(), 0755) != 0) throw SystemError(errno, "opening {}", path.string());
}

std::optional<std::uint64_t> ImageStore::blob_size(std::string_view digest) const {
  const auto file = blob_file(directory_, digest);
  const std::scoped_lock lock(mutex_);
  const auto size = file_size_of(file);
  // Who asks will not push it again: it must stay until the manifest comes.
  if (size) touch(file);
  return size;
}

BlobUpload ImageStore::begin_upload(std::uint64_t max_bytes) const {
  return {blobs_of(directory_), max_bytes};
}

std::string ImageStore::put_manifest(const ImageReference& reference,
                                     std::string_view manifest_json) {
  if (manifest_json.size() > kMaxDocumentBytes)
    throw Error(ErrorKind::too_large,
                fmt::format("the manifest is larger than {} bytes", kMaxDocumentBytes));
  const auto manifest = parse_manifest(manifest_json);
  const auto digest = digest_of(manifest_json);
  if (!reference.digest.empty() && reference.digest != digest)
    throw Error(
        ErrorKind::invalid,
        fmt::format("digest mismatch: announced {}, received {}", reference.digest, digest));
  const std::scoped_lock lock(mutex_);
  check_blob(directory_, manifest.config, "configuration");
  for (const auto& layer : manifest.layers)
    check_blob(directory_, layer, "layer");
  read_config(directory_, manifest);
  write_file_atomic(blob_file(directory_, digest), manifest_json);
  // By digest always: an image that loses its tag to a newer one stays known until it is old and
  // unused.
  const ImageReference pinned{reference.repository, {}, digest};
  write_file_atomic(tag_file(directory_, pinned), tag_text(pinned, digest));
  if (reference.digest.empty())
    write_file_atomic(tag_file(directory_, reference), tag_text(reference, digest));
  return digest;
}

std::optional<std::string> ImageStore::resolve(const ImageReference& reference) const {
  const std::scoped_lock lock(mutex_);
  return read_tag(tag_file(directory_, reference));
}

std::shared_ptr<std::mutex> ImageStore::root_mutex(const std::string& manifest_digest) {
  const std::scoped_lock lock(roots_mutex_);
  std::erase_if(roots_, [](const auto& entry) { return entry.second.expired(); });
  auto& known = roots_[manifest_digest];
  auto mutex = known.lock();
  if (!mutex) {
    mutex = std::make_shared<std::mutex>();
    known = mutex;
  }
  return mutex;
}

UnpackedImage ImageStore::unpack(const std::string& manifest_digest) {
  const auto hex = hex_of(manifest_digest);
  const auto mutex = root_mutex(hex);
  const std::scoped_lock lock(*mutex);
  const auto manifest = read_manifest(directory_, manifest_digest);
  UnpackedImage image{roots_of(directory_) / hex, read_config(directory_, manifest)};
  if (is_root_usable(directory_, hex)) {
    touch(image.root);
    return image;
  }
  discard_root(directory_, hex);
  for (const auto& layer : manifest.layers)
    check_blob(directory_, layer, "layer");
  TemporaryDirectory partial(roots_of(directory_), fmt::format("{}{}", hex, kPartialRoot));
  if (::chmod(partial.path().c_str(), 0755) != 0)
    throw SystemError(errno, "unpacking {}", partial.path().string());
  make_root(directory_, manifest, partial.path());
  touch(partial.path());
  mark_root(directory_, hex);
  if (::rename(partial.path().c_str(), image.root.c_str()) != 0)
    throw SystemError(errno, "storing {}", image.root.string());
  partial.release();
  return image;
}

} // namespace cubeflash::daemon
