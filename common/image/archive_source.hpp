// SPDX-License-Identifier: Apache-2.0
// An untrusted archive as a sequence of entries; libarchive's codes become errors here. It refuses
// to know where entries go.
#pragma once

#include "common/base/fd.hpp"
#include "common/image/archive_handle.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace cubeflash {

struct DataBlock {
  std::string_view data; // valid until the next call
  std::uint64_t offset = 0;
};

// The entry's name, checked and cleaned by clean_entry_path.
std::string entry_path(archive_entry* entry);

class ArchiveSource {
 public:
  // Throws SystemError when the file cannot be opened, Error(invalid) when it is no archive.
  explicit ArchiveSource(const std::filesystem::path& file);

  // Null at the end; owned by the source, valid until the next call. Throws Error(invalid) for a
  // broken archive.
  archive_entry* next();

  // The next part of the current entry's data; false at its end. Gaps between blocks are holes.
  bool read(DataBlock& block);

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  Fd fd_;
  ArchiveReader reader_;
};

} // namespace cubeflash
