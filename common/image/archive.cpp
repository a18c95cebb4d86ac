// SPDX-License-Identifier: Apache-2.0
#include "common/image/archive.hpp"

#include "common/base/error.hpp"
#include "common/image/entry_path.hpp"
#include "common/image/entry_writer.hpp"

namespace cubeflash {

void extract_archive(const std::filesystem::path& archive,
                     const std::filesystem::path& into,
                     const ExtractLimits& limits) {
  const Utf8Locale locale;
  ExtractLimits left = limits;
  ArchiveSource source(archive);
  EntryWriter writer(into, left, EntryModes::keep);
  while (archive_entry* entry = source.next())
    writer.write(source, entry, entry_path(entry));
}

} // namespace cubeflash
