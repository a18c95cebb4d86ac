// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "common/image/archive.hpp"
#include "common/image/archive_handle.hpp"
#include "common/image/digest.hpp"
#include "common/image/entry_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <vector>

namespace cubeflash {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBlock = 256U << 10U;

// The layer's file and the digest of what is in it.
class LayerFile {
 public:
  explicit LayerFile(const fs::path& path)
      : path_(path), fd_(open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644)) {}

  void write(std::string_view data) {
    hasher_.update(data);
    size_ += data.size();
    try {
      write_all(fd_.get(), data);
    } catch (const SystemError& error) {
      throw SystemError(error.code(), "writing {}", path_.string());
    }
  }

  std::string digest() { return hasher_.finish(); }

  std::uint64_t size() const { return size_; }

 private:
  fs::path path_;
  Fd fd_;
  Hasher hasher_;
  std::uint64_t size_ = 0;
};

// tar -> digest of the tar -> gzip -> digest of the file -> file. Two of libarchive's writers,
// because one gives either the tar's bytes or the compressed ones.
class LayerStream {
 public:
  explicit LayerStream(const fs::path& path)
      : file_(path), gzip_(::archive_write_new()), tar_(::archive_write_new()) {
    check(gzip_.get(), ::archive_write_set_format_raw(gzip_.get()));
    check(gzip_.get(), ::archive_write_add_filter_gzip(gzip_.get()));
    // Without a time and with a fixed level, the same tar gives the same bytes.
    check(gzip_.get(),
          ::archive_write_set_options(gzip_.get(), "gzip:!timestamp,gzip:compression-level=6"));
    check(gzip_.get(), ::archive_write_set_bytes_in_last_block(gzip_.get(), 1));
    check(gzip_.get(), ::archive_write_open(gzip_.get(), this, nullptr, write_compressed, nullptr));
    const ArchiveEntry whole(::archive_entry_new());
    ::archive_entry_set_filetype(whole.get(), AE_IFREG);
    check(gzip_.get(), ::archive_write_header(gzip_.get(), whole.get()));
    // Plain ustar where it suffices, extended headers only for what needs them.
    check(tar_.get(), ::archive_write_set_format_pax_restricted(tar_.get()));
    check(tar_.get(), ::archive_write_open(tar_.get(), this, nullptr, write_tar, nullptr));
  }

  LayerStream(const LayerStream&) = delete;
  LayerStream& operator=(const LayerStream&) = delete;

  // After a failure what is left is flushed to nowhere: libarchive frees the compressor of a closed
  // writer only.
  ~LayerStream() {
    if (closed_) return;
    discarding_ = true;
    ::archive_write_close(tar_.get());
    ::archive_write_close(gzip_.get());
  }

  void header(archive_entry* entry) {
    check(tar_.get(), ::archive_write_header(tar_.get(), entry));
  }

  void data(std::string_view bytes) {
    if (::archive_write_data(tar_.get(), bytes.data(), bytes.size()) !=
        static_cast<la_ssize_t>(bytes.size()))
      check(tar_.get(), ARCHIVE_FATAL);
  }

  WrittenLayer close() {
    check(tar_.get(), ::archive_write_close(tar_.get()));
    check(gzip_.get(), ::archive_write_close(gzip_.get()));
    closed_ = true;
    return {file_.digest(), tar_hasher_.finish(), file_.size()};
  }

 private:
  // An exception must not pass through libarchive: it waits here until the call has come back.
  template <typename Action>
  la_ssize_t guarded(archive* writer, std::size_t size, Action&& action) noexcept {
    try {
      if (!discarding_) action();
      return static_cast<la_ssize_t>(size);
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
      ::archive_set_error(writer, EIO, "writing failed");
      return -1;
    }
  }

  static la_ssize_t write_tar(archive* tar, void* self, const void* data, std::size_t size) {
    auto& stream = *static_cast<LayerStream*>(self);
    return stream.guarded(tar, size, [&] {
      stream.tar_hasher_.update({static_cast<const char*>(data), size});
      if (::archive_write_data(stream.gzip_.get(), data, size) != static_cast<la_ssize_t>(size))
        stream.check(stream.gzip_.get(), ARCHIVE_FATAL);
    });
  }

  static la_ssize_t
  write_compressed(archive* gzip, void* self, const void* data, std::size_t size) {
    auto& stream = *static_cast<LayerStream*>(self);
    return stream.guarded(gzip, size, [&] {
      stream.file_.write({static_cast<const char*>(data), size});
    });
  }

  void check(archive* writer, int result) {
    if (failure_) std::rethrow_exception(failure_);
    // A warning is about a name that is no UTF-8; it is stored as the bytes it has.
    if (result >= ARCHIVE_WARN) return;
    const char* text = ::archive_error_string(writer);
    throw Error(ErrorKind::failed,
                fmt::format("writing a layer: {}", text != nullptr ? text : "failed"));
  }

  LayerFile file_;
  Hasher tar_hasher_;
  std::exception_ptr failure_;
  bool closed_ = false;
  bool discarding_ = false;
  ArchiveWriter gzip_;
  ArchiveWriter tar_;
};

struct stat status_of(const fs::path& path) {
  struct stat status {};

  if (::lstat(path.c_str(), &status) != 0) throw SystemError(errno, "reading {}", path.string());
  return status;
}

void add_symlink(LayerStream& layer, archive_entry* entry, const fs::path& path) {
  std::error_code failure;
  const auto target = fs::read_symlink(path, failure);
  if (failure) throw SystemError(failure.value(), "reading {}", path.string());
  ::archive_entry_set_filetype(entry, AE_IFLNK);
  ::archive_entry_set_perm(entry, 0777);
  ::archive_entry_copy_symlink(entry, target.c_str());
  layer.header(entry);
}

void add_file(LayerStream& layer,
              archive_entry* entry,
              const fs::path& path,
              std::vector<char>& buffer) {
  // Not a fifo that took the file's place: opening that would wait for a writer.
  const Fd file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

  struct stat status {};

  if (::fstat(file.get(), &status) != 0) throw SystemError(errno, "reading {}", path.string());
  ::archive_entry_set_filetype(entry, AE_IFREG);
  ::archive_entry_set_perm(entry, (status.st_mode & S_IXUSR) != 0 ? 0755 : 0644);
  ::archive_entry_set_size(entry, status.st_size);
  layer.header(entry);
  for (auto left = status.st_size; left > 0;) {
    const auto want = std::min(static_cast<std::size_t>(left), buffer.size());
    const ssize_t n = ::read(file.get(), buffer.data(), want);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError(errno, "reading {}", path.string());
    if (n == 0)
      throw Error(ErrorKind::conflict,
                  fmt::format("{} became shorter while it was read", path.string()));
    layer.data({buffer.data(), static_cast<std::size_t>(n)});
    left -= n;
  }
}

} // namespace

WrittenLayer write_layer(const LayerEntries& entries, const fs::path& file) {
  const Utf8Locale locale;
  LayerStream layer(file);
  std::vector<char> buffer(kCopyBlock);
  for (const auto& [name, path] : entries) {
    if (clean_entry_path(name) != name || name.empty())
      throw Error(ErrorKind::invalid, fmt::format("\"{}\" is no plain relative path", name));
    const ArchiveEntry entry(::archive_entry_new());
    ::archive_entry_copy_pathname(entry.get(), name.c_str());
    ::archive_entry_set_mtime(entry.get(), 0, 0);
    const auto status = status_of(path);
    if (S_ISLNK(status.st_mode)) {
      add_symlink(layer, entry.get(), path);
    } else if (S_ISDIR(status.st_mode)) {
      ::archive_entry_set_filetype(entry.get(), AE_IFDIR);
      ::archive_entry_set_perm(entry.get(), 0755);
      layer.header(entry.get());
    } else if (S_ISREG(status.st_mode)) {
      add_file(layer, entry.get(), path, buffer);
    } else {
      throw Error(ErrorKind::invalid, fmt::format("{} is a device, socket or fifo", path.string()));
    }
  }
  return layer.close();
}

} // namespace cubeflash
