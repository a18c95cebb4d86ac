// SPDX-License-Identifier: Apache-2.0
#include "daemon/images/store_layout.hpp"

#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "common/base/log.hpp"
#include "common/base/text.hpp"
#include "common/image/digest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

namespace cubeflash::daemon {

namespace fs = std::filesystem;

namespace {

std::string tag_key(const ImageReference& reference) {
  return reference.digest.empty() ? reference.repository + ":" + reference.tag
                                  : reference.repository + "@" + reference.digest;
}

// Differs from boot to boot; in a container too, where it is the host's.
std::string boot_id() {
  static const std::string id = read_file("/proc/sys/kernel/random/boot_id");
  return id;
}

} // namespace

fs::path blobs_of(const fs::path& store) {
  return store / "blobs" / "sha256";
}

fs::path tags_of(const fs::path& store) {
  return store / "tags";
}

fs::path roots_of(const fs::path& store) {
  return store / "roots";
}

fs::path boots_of(const fs::path& store) {
  return store / "boots";
}

void mark_root(const fs::path& store, const std::string& hex) {
  const auto path = boots_of(store) / hex;
  const Fd file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  try {
    write_all(file.get(), boot_id());
  } catch (const SystemError& error) {
    throw SystemError(error.code(), "writing {}", path.string());
  }
}

bool is_root_usable(const fs::path& store, const std::string& hex) {
  const auto mark = boots_of(store) / hex;
  return fs::is_directory(fs::symlink_status(roots_of(store) / hex)) && file_size_of(mark) &&
         read_file(mark, kMaxDocumentBytes) == boot_id();
}

void unmark_root(const fs::path& store, const std::string& hex) noexcept {
  ::unlink((boots_of(store) / hex).c_str());
}

std::string hex_of(std::string_view digest) {
  if (!is_digest(digest))
    throw Error(ErrorKind::invalid, fmt::format("\"{}\" is no digest", digest.substr(0, 80)));
  return std::string(digest.substr(digest.find(':') + 1));
}

fs::path blob_file(const fs::path& store, std::string_view digest) {
  return blobs_of(store) / hex_of(digest);
}

void discard_root(const fs::path& store, const std::string& name) {
  const auto path = roots_of(store) / name;
  auto doomed = path;
  if (name.find(kPartialRoot) == std::string::npos) {
    unmark_root(store, name);
    doomed += fmt::format("{}{}", kPartialRoot, random_hex(4));
    if (::rename(path.c_str(), doomed.c_str()) != 0) {
      if (errno == ENOENT) return;
      throw SystemError(errno, "removing {}", path.string());
    }
  }
  std::error_code failure;
  fs::remove_all(doomed, failure);
  if (failure)
    log_warning("cannot remove directory={} reason=\"{}\"", doomed.string(), failure.message());
}

fs::path tag_file(const fs::path& store, const ImageReference& reference) {
  return tags_of(store) / hex_of(digest_of(tag_key(reference)));
}

std::string tag_text(const ImageReference& reference, std::string_view digest) {
  return fmt::format("{}\n{}\n", tag_key(reference), digest);
}

std::optional<std::string> read_tag(const fs::path& file) {
  if (!file_size_of(file)) return std::nullopt;
  const auto lines = split(read_file(file, kMaxDocumentBytes), '\n');
  if (lines.size() >= 2 && is_digest(lines[1])) return lines[1];
  log_warning("ignoring a damaged tag file={}", file.string());
  return std::nullopt;
}

std::optional<std::uint64_t> file_size_of(const fs::path& file) {
  struct stat status {};

  if (::lstat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return std::nullopt;
    throw SystemError(errno, "reading {}", file.string());
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

std::chrono::seconds age_of(const fs::path& file) {
  struct stat status {};

  if (::lstat(file.c_str(), &status) != 0) return std::chrono::seconds(0);
  return std::chrono::seconds(std::max<std::time_t>(0, std::time(nullptr) - status.st_mtime));
}

void touch(const fs::path& file) noexcept {
  ::utimensat(AT_FDCWD, file.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

} // namespace cubeflash::daemon
