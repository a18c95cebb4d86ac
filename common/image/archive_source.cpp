// SPDX-License-Identifier: Apache-2.0
#include "common/image/archive_source.hpp"

#include "common/base/error.hpp"
#include "common/image/entry_path.hpp"

#include <fcntl.h>

namespace cubeflash {

namespace {

constexpr std::size_t kReadBytes = 256U << 10U;

} // namespace

std::string entry_path(archive_entry* entry) {
  const char* name = ::archive_entry_pathname(entry);
  if (name == nullptr) throw Error(ErrorKind::invalid, "an entry's name cannot be decoded");
  return clean_entry_path(name);
}

ArchiveSource::ArchiveSource(const std::filesystem::path& file)
    : file_(file), fd_(open_file(file, O_RDONLY)), reader_(::archive_read_new()) {
  if (!reader_) throw SystemError(ENOMEM, "reading {}", file.string());
  archive* reader = reader_.get();
  ::archive_read_support_filter_gzip(reader);
  ::archive_read_support_filter_zstd(reader);
  ::archive_read_support_filter_xz(reader);
  ::archive_read_support_format_tar(reader);
  ::archive_read_support_format_zip(reader);
  if (::archive_read_open_fd(reader, fd_.get(), kReadBytes) != ARCHIVE_OK) fail();
}

archive_entry* ArchiveSource::next() {
  archive_entry* entry = nullptr;
  const int result = ::archive_read_next_header(reader_.get(), &entry);
  if (result == ARCHIVE_EOF) return nullptr;
  // A warning is about a name that cannot be translated; it then stands there as it is.
  if (result < ARCHIVE_WARN) fail();
  return entry;
}

bool ArchiveSource::read(DataBlock& block) {
  const void* data = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int result = ::archive_read_data_block(reader_.get(), &data, &size, &offset);
  if (result == ARCHIVE_EOF) return false;
  if (result != ARCHIVE_OK || offset < 0) fail();
  block = {{static_cast<const char*>(data), size}, static_cast<std::uint64_t>(offset)};
  return true;
}

void ArchiveSource::fail() const {
  const int code = ::archive_errno(reader_.get());
  if (code == EIO || code == ENOMEM || code == EISDIR)
    throw SystemError(code, "reading {}", file_.string());
  const char* text = ::archive_error_string(reader_.get());
  throw Error(ErrorKind::invalid,
              fmt::format("{} is no sound archive: {}",
                          file_.filename().string(),
                          text != nullptr ? text : "unknown format"));
}

} // namespace cubeflash
