// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/log.hpp"
#include "daemon/images/image_store.hpp"
#include "daemon/images/store_layout.hpp"

#include <unistd.h>

#include <vector>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code failure;
  for (auto at = fs::directory_iterator(directory, failure);
       !failure && at != fs::directory_iterator();
       at.increment(failure))
    entries.push_back(at->path());
  if (failure) throw SystemError(failure.value(), "reading {}", directory.string());
  return entries;
}

void remove_file(const fs::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    log_warning("cannot remove file={} reason=\"{}\"", file.string(), errno_text(errno));
}

// Manifests that stay: used ones, and those of tags that stay. Old tags of unused images are
// removed.
std::set<std::string>
prune_tags(const fs::path& store, const std::set<std::string>& used, std::chrono::seconds min_age) {
  auto live = used;
  for (const auto& file : entries_of(tags_of(store))) {
    const auto digest = read_tag(file);
    if (digest && (used.contains(*digest) || age_of(file) < min_age))
      live.insert(*digest);
    else if (age_of(file) >= min_age)
      remove_file(file);
  }
  return live;
}

// The files, by hexadecimal name, that these manifests need.
std::set<std::string> blobs_needed(const fs::path& store, const std::set<std::string>& manifests) {
  std::set<std::string> needed;
  for (const auto& digest : manifests) {
    const auto file = blob_file(store, digest);
    if (!file_size_of(file)) continue;
    needed.insert(hex_of(digest));
    const auto manifest = parse_manifest(read_file(file, kMaxDocumentBytes));
    needed.insert(hex_of(manifest.config.digest));
    for (const auto& layer : manifest.layers)
      needed.insert(hex_of(layer.digest));
  }
  return needed;
}

} // namespace

void ImageStore::collect_garbage(const std::set<std::string>& used, std::chrono::seconds min_age) {
  std::set<std::string> live;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& digest : prune_tags(directory_, used, min_age))
      live.insert(digest);
    // An unreadable manifest throws here, before anything it may need is gone.
    const auto needed = blobs_needed(directory_, live);
    for (const auto& file : entries_of(blobs_of(directory_)))
      if (!needed.contains(file.filename().string()) && age_of(file) >= min_age) remove_file(file);
  }
  for (const auto& path : entries_of(roots_of(directory_))) {
    const auto name = path.filename().string();
    const auto hex = name.substr(0, name.find('.'));
    const bool partial = name.find(kPartialRoot) != std::string::npos;
    if (partial || !live.contains("sha256:" + hex)) remove_root(name, min_age);
  }
}

void ImageStore::remove_root(const std::string& name, std::chrono::seconds min_age) {
  const auto path = roots_of(directory_) / name;
  const auto mutex = root_mutex(name.substr(0, name.find('.')));
  // Held by somebody: it is being unpacked right now.
  const std::unique_lock lock(*mutex, std::try_to_lock);
  if (!lock || age_of(path) < min_age) return;
  discard_root(directory_, name);
}

} // namespace cubeflash::daemon
