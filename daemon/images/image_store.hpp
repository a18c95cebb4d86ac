// SPDX-License-Identifier: Apache-2.0
// Images on the daemon's disk: blobs by digest, tags, unpacked roots. What is pushed is verified
// here. Blocking: callers run it on the worker pool. It refuses to know about functions and HTTP.
#pragma once

#include "common/base/fd.hpp"
#include "common/image/digest.hpp"
#include "common/image/oci_layout.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace cubeflash::daemon {

// A blob on its way in: append, then commit under the digest it must have. Dropped without commit,
// it leaves nothing.
class BlobUpload {
 public:
  BlobUpload(std::filesystem::path blobs, std::uint64_t max_bytes);
  BlobUpload(BlobUpload&&) = default;
  ~BlobUpload();

  // Throws Error(too_large), or SystemError when the disk is full.
  void append(std::string_view data);

  // Durable once this returns. Throws Error(invalid) "digest mismatch: ..." when the content is not
  // what was announced.
  void commit(std::string_view digest);

 private:
  std::filesystem::path blobs_;
  std::filesystem::path temporary_;
  Fd fd_;
  Hasher hasher_;
  std::uint64_t size_ = 0;
  std::uint64_t max_bytes_;
};

struct UnpackedImage {
  // The layers applied in order; world-readable, owned by the daemon, never written to.
  std::filesystem::path root;
  ImageConfig config;
};

// Layout below `directory`: blobs/sha256/<hex>, tags/<hex of sha256 of repository:tag> (text:
// reference, manifest digest), roots/<manifest hex>/, boots/<manifest hex> (in which boot the root
// was unpacked). Thread-safe.
class ImageStore {
 public:
  explicit ImageStore(std::filesystem::path directory);

  std::optional<std::uint64_t> blob_size(std::string_view digest) const;
  BlobUpload begin_upload(std::uint64_t max_bytes = 4ULL << 30U) const;

  // Stores a manifest under repository:tag (or its digest) once everything it names is here.
  // Returns its digest. Throws Error(invalid) naming a missing blob, a size that differs or a
  // document that is no manifest.
  std::string put_manifest(const ImageReference& reference, std::string_view manifest_json);

  // Digest of the manifest that a reference means now; nullopt when it was never pushed.
  std::optional<std::string> resolve(const ImageReference& reference) const;

  // Unpacks on first use; concurrent callers of one image wait for one unpacking; a killed
  // unpacking leaves nothing that looks whole. Throws Error(not_found | invalid | too_large).
  UnpackedImage unpack(const std::string& manifest_digest);

  // Removes images that are neither in `used` (manifest digests) nor younger than `min_age`, and
  // every blob and root that belongs to no image any more.
  void collect_garbage(const std::set<std::string>& used, std::chrono::seconds min_age);

 private:
  // Held while an image's root is made, or removed. Taken before mutex_, never after.
  std::shared_ptr<std::mutex> root_mutex(const std::string& manifest_digest);
  void remove_root(const std::string& name, std::chrono::seconds min_age);

  std::filesystem::path directory_;
  mutable std::mutex mutex_; // tags and blobs: a push against the removal of what it relies on
  std::mutex roots_mutex_;   // the map below
  std::map<std::string, std::weak_ptr<std::mutex>> roots_;
};

} // namespace cubeflash::daemon
