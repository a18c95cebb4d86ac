// SPDX-License-Identifier: Apache-2.0
// Archives as an attacker, or another tool, would write them: any name, any type.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace cubeflash {

class TestArchive {
 public:
  enum class Format { tar_gzip, tar, tar_zstd, tar_xz, zip };

  explicit TestArchive(const std::filesystem::path& file, Format format = Format::tar_gzip)
      : archive_(::archive_write_new()) {
    if (format == Format::zip)
      check(::archive_write_set_format_zip(archive_));
    else
      check(::archive_write_set_format_pax_restricted(archive_));
    if (format == Format::tar_gzip) check(::archive_write_add_filter_gzip(archive_));
    if (format == Format::tar_zstd) check(::archive_write_add_filter_zstd(archive_));
    if (format == Format::tar_xz) check(::archive_write_add_filter_xz(archive_));
    check(::archive_write_open_filename(archive_, file.c_str()));
  }

  TestArchive(const TestArchive&) = delete;
  TestArchive& operator=(const TestArchive&) = delete;

  ~TestArchive() { ::archive_write_free(archive_); } // closes it too

  TestArchive& file(const std::string& name, const std::string& content, unsigned mode = 0644) {
    return add(name, AE_IFREG, mode, content, {});
  }

  TestArchive& directory(const std::string& name, unsigned mode = 0755) {
    return add(name, AE_IFDIR, mode, {}, {});
  }

  TestArchive& symlink(const std::string& name, const std::string& target) {
    return add(name, AE_IFLNK, 0777, {}, target);
  }

  TestArchive& special(const std::string& name, unsigned type) {
    return add(name, type, 0644, {}, {});
  }

  TestArchive& hardlink(const std::string& name, const std::string& target) {
    archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    ::archive_entry_set_hardlink(entry, target.c_str());
    check(::archive_write_header(archive_, entry));
    ::archive_entry_free(entry);
    return *this;
  }

 private:
  TestArchive& add(const std::string& name,
                   unsigned type,
                   unsigned mode,
                   const std::string& content,
                   const std::string& target) {
    archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_filetype(entry, type);
    ::archive_entry_set_perm(entry, mode);
    if (type == AE_IFREG) ::archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    if (type == AE_IFLNK) ::archive_entry_set_symlink(entry, target.c_str());
    if (type == AE_IFCHR || type == AE_IFBLK) ::archive_entry_set_rdev(entry, 0x0101);
    check(::archive_write_header(archive_, entry));
    if (!content.empty() && ::archive_write_data(archive_, content.data(), content.size()) < 0)
      check(ARCHIVE_FATAL);
    ::archive_entry_free(entry);
    return *this;
  }

  void check(int result) {
    if (result >= ARCHIVE_WARN) return;
    const char* text = ::archive_error_string(archive_);
    throw std::runtime_error(text != nullptr ? text : "libarchive failed");
  }

  archive* archive_;
};

} // namespace cubeflash
