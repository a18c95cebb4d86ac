// SPDX-License-Identifier: Apache-2.0
// Owners of libarchive's objects and of the locale it converts names in. Private to this room.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <locale.h>
#include <memory>

namespace cubeflash {

struct ArchiveReadFree {
  void operator()(archive* handle) const { ::archive_read_free(handle); }
};

struct ArchiveWriteFree {
  void operator()(archive* handle) const { ::archive_write_free(handle); }
};

struct ArchiveEntryFree {
  void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};

using ArchiveReader = std::unique_ptr<archive, ArchiveReadFree>;
using ArchiveWriter = std::unique_ptr<archive, ArchiveWriteFree>;
using ArchiveEntry = std::unique_ptr<archive_entry, ArchiveEntryFree>;

// libarchive translates names through the thread's locale, and a daemon runs in "C", where every
// name beyond ASCII fails. While this lives, the calling thread (no other) converts as UTF-8.
class Utf8Locale {
 public:
  Utf8Locale() : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{})) {
    if (utf8_ != locale_t{}) before_ = ::uselocale(utf8_);
  }

  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

  ~Utf8Locale() {
    if (utf8_ == locale_t{}) return;
    ::uselocale(before_);
    ::freelocale(utf8_);
  }

 private:
  locale_t utf8_;
  locale_t before_{};
};

} // namespace cubeflash
