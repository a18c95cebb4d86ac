// SPDX-License-Identifier: Apache-2.0
// Puts entries of an untrusted archive on disk, below one directory and nowhere else. Not
// libarchive's own disk writer: that one sets the process's umask to 0 for every entry, which other
// threads would see.
#pragma once

#include "common/base/fd.hpp"
#include "common/image/archive.hpp"
#include "common/image/archive_source.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace cubeflash {

enum class EntryModes {
  keep,    // the archive's, less the umask and set-id bits, at least usable by the owner
  publish, // 0755 and 0644, whatever the umask: for readers of another account
};

// Every path is walked from the directory's descriptor without following a symlink, so that no
// order of entries leads out. `left` is what may still be written; it shrinks.
class EntryWriter {
 public:
  EntryWriter(const std::filesystem::path& into, ExtractLimits& left, EntryModes modes);

  // `path` is clean (entry_path.hpp). Replaces a file or link that is there, never a directory by
  // something else.
  void write(ArchiveSource& source, archive_entry* entry, const std::string& path);

  // To be called when somebody else removed something below the directory.
  void forget_parent();

 private:
  void write_directory(const std::string& name);
  void write_file(ArchiveSource& source, archive_entry* entry, const std::string& name);
  void write_symlink(archive_entry* entry, const std::string& path, const std::string& name);
  void write_hardlink(const std::string& target, const std::string& path, const std::string& name);
  int parent_of(const std::string& path);
  Fd open_directory(const std::string& path, bool create);
  void make_directory(int parent, const std::string& name);
  void remove_file(const std::string& name);
  [[noreturn]] void fail(int code) const;
  [[noreturn]] void refuse(std::string_view why) const;

  std::filesystem::path into_;
  Fd root_;
  ExtractLimits& left_;
  EntryModes modes_;
  std::string current_; // the entry being written, for messages
  std::string parent_path_;
  Fd parent_; // of the last entry: the next one is mostly its neighbour
};

} // namespace cubeflash
