// SPDX-License-Identifier: Apache-2.0
// Whole files and temporary directories.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace cubeflash {

// The whole file. Throws SystemError, or too_large past `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes = 64U << 20U);

// Replaces the file so that a reader, or a power cut, sees the old or the new content, never a
// part: written beside, fsynced, renamed, directory fsynced.
void write_file_atomic(const std::filesystem::path& path,
                       std::string_view content,
                       unsigned mode = 0644);

// Writes all of `data`, or throws SystemError (ENOSPC reads "no space left on device").
void write_all(int fd, std::string_view data);

// A fresh directory (0700) below `parent`, removed with its content when destroyed.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::filesystem::path& parent,
                              std::string_view prefix = "cflash-");
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();

  const std::filesystem::path& path() const noexcept { return path_; }

  // Keeps the directory; the caller removes or renames it.
  std::filesystem::path release() noexcept;

 private:
  std::filesystem::path path_;
};

} // namespace cubeflash
