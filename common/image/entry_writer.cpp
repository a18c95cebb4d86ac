// SPDX-License-Identifier: Apache-2.0
#include "common/image/entry_writer.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/image/entry_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cubeflash {

namespace {

std::string last_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

std::string without_last_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

} // namespace

EntryWriter::EntryWriter(const std::filesystem::path& into, ExtractLimits& left, EntryModes modes)
    : into_(into), root_(open_file(into, O_RDONLY | O_DIRECTORY)), left_(left), modes_(modes) {}

void EntryWriter::write(ArchiveSource& source, archive_entry* entry, const std::string& path) {
  current_ = path;
  if (left_.max_entries == 0) throw Error(ErrorKind::too_large, "the archive has too many entries");
  --left_.max_entries;
  const auto type = ::archive_entry_filetype(entry);
  if (path.empty()) {
    if (type != AE_IFDIR) refuse("the root is not a directory");
    return;
  }
  const auto name = last_name(path);
  if (const char* hardlink = ::archive_entry_hardlink(entry); hardlink != nullptr)
    return write_hardlink(hardlink, path, name);
  switch (type) {
  case AE_IFDIR:
    parent_of(path);
    return write_directory(name);
  case AE_IFREG:
    parent_of(path);
    return write_file(source, entry, name);
  case AE_IFLNK:
    return write_symlink(entry, path, name);
  case AE_IFCHR:
  case AE_IFBLK:
    refuse("is a device");
  case AE_IFIFO:
    refuse("is a fifo");
  case AE_IFSOCK:
    refuse("is a socket");
  default:
    refuse("is of an unknown type");
  }
}

void EntryWriter::forget_parent() {
  parent_path_.clear();
  parent_.reset();
}

void EntryWriter::write_directory(const std::string& name) {
  struct stat status {};

  if (::fstatat(parent_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISDIR(status.st_mode)) return;
    remove_file(name);
  }
  make_directory(parent_.get(), name);
}

void EntryWriter::write_file(ArchiveSource& source, archive_entry* entry, const std::string& name) {
  const auto declared = ::archive_entry_size_is_set(entry) != 0
                            ? static_cast<std::uint64_t>(::archive_entry_size(entry))
                            : 0;
  const auto too_large = [] {
    throw Error(ErrorKind::too_large, "the archive unpacks to more than is allowed");
  };
  if (declared > left_.max_bytes) too_large();
  remove_file(name);
  const auto perm = static_cast<mode_t>(::archive_entry_perm(entry));
  const mode_t mode =
      modes_ == EntryModes::keep ? (perm & 0777U) | S_IRUSR : ((perm & 0111U) != 0 ? 0755 : 0644);
  const Fd file(::openat(
      parent_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file) fail(errno);
  if (modes_ == EntryModes::publish && ::fchmod(file.get(), mode) != 0) fail(errno);
  std::uint64_t end = 0; // of what was written
  for (DataBlock block; source.read(block);) {
    if (block.offset > left_.max_bytes || block.data.size() > left_.max_bytes - block.offset)
      too_large();
    while (!block.data.empty()) {
      const auto n = ::pwrite(
          file.get(), block.data.data(), block.data.size(), static_cast<off_t>(block.offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(errno);
      block.data.remove_prefix(static_cast<std::size_t>(n));
      block.offset += static_cast<std::uint64_t>(n);
    }
    end = std::max(end, block.offset);
  }
  // A file may end in a hole.
  if (declared > end && ::ftruncate(file.get(), static_cast<off_t>(declared)) != 0) fail(errno);
  left_.max_bytes -= std::max(declared, end);
}

void EntryWriter::write_symlink(archive_entry* entry,
                                const std::string& path,
                                const std::string& name) {
  const char* target = ::archive_entry_symlink(entry);
  check_symlink_target(path, target != nullptr ? target : "");
  parent_of(path);
  remove_file(name);
  if (::symlinkat(target, parent_.get(), name.c_str()) != 0) fail(errno);
}

void EntryWriter::write_hardlink(const std::string& target,
                                 const std::string& path,
                                 const std::string& name) {
  const auto from = with_context(fmt::format("entry \"{}\": hard link", path),
                                 [&] { return clean_entry_path(target); });
  if (from.empty() || from == path) refuse("hard link to itself or to the root");
  const Fd directory = open_directory(without_last_name(from), false);
  const auto from_name = last_name(from);

  struct stat status {};

  if (::fstatat(directory.get(), from_name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    refuse(fmt::format("hard link to {}, which is not there", target));
  // A link to a symlink would take that symlink's relative target to another place.
  if (!S_ISREG(status.st_mode)) refuse(fmt::format("hard link to {}, which is no file", target));
  parent_of(path);
  remove_file(name);
  if (::linkat(directory.get(), from_name.c_str(), parent_.get(), name.c_str(), 0) != 0)
    fail(errno);
}

int EntryWriter::parent_of(const std::string& path) {
  auto parent = without_last_name(path);
  if (!parent_ || parent != parent_path_) {
    parent_ = open_directory(parent, true);
    parent_path_ = std::move(parent);
  }
  return parent_.get();
}

Fd EntryWriter::open_directory(const std::string& path, bool create) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Fd directory(::openat(root_.get(), ".", kFlags));
  if (!directory) fail(errno);
  if (path.empty()) return directory;
  for (const auto& name : split(path, '/')) {
    Fd next(::openat(directory.get(), name.c_str(), kFlags));
    if (!next && errno == ENOENT && create) {
      make_directory(directory.get(), name);
      next = Fd(::openat(directory.get(), name.c_str(), kFlags));
    }
    // O_DIRECTORY with O_NOFOLLOW answers ENOTDIR for a symlink, whatever it leads to (open(2)).
    if (!next && (errno == ENOTDIR || errno == ELOOP))
      refuse(fmt::format("its path leads through \"{}\", which is a link or a file", name));
    if (!next && errno == ENOENT) refuse(fmt::format("{} is not there", path));
    if (!next) fail(errno);
    directory = std::move(next);
  }
  return directory;
}

// Wider modes of the archive do not matter: what is unpacked is read by its owner or, published, by
// all.
void EntryWriter::make_directory(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0755) != 0) fail(errno);
  if (modes_ == EntryModes::publish && ::fchmodat(parent, name.c_str(), 0755, 0) != 0) fail(errno);
}

void EntryWriter::remove_file(const std::string& name) {
  if (::unlinkat(parent_.get(), name.c_str(), 0) == 0 || errno == ENOENT) return;
  if (errno == EISDIR) refuse("a directory of this name is there already");
  fail(errno);
}

void EntryWriter::fail(int code) const {
  throw SystemError(code, "unpacking {}", (into_ / current_).string());
}

void EntryWriter::refuse(std::string_view why) const {
  throw Error(ErrorKind::invalid, fmt::format("entry \"{}\": {}", current_, why));
}

} // namespace cubeflash
