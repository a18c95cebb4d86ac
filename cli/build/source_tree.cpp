// SPDX-License-Identifier: Apache-2.0
#include "cli/build/source_tree.hpp"

#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "common/image/entry_path.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxEntries = 500'000;

struct stat status_of(const fs::path& path) {
  struct stat status {};

  if (::lstat(path.c_str(), &status) != 0) throw SystemError(errno, "reading {}", path.string());
  return status;
}

void check_readable(const fs::path& path, int mode) {
  if (::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) != 0)
    throw SystemError(errno, "reading {}", path.string());
}

class TreeReader {
 public:
  TreeReader(const fs::path& root, const TreeFilter& filter) : root_(root), filter_(filter) {}

  Tree read() {
    directory(root_, "");
    return std::move(tree_);
  }

 private:
  void directory(const fs::path& path, const std::string& name) {
    check_readable(path, R_OK | X_OK);
    for (const auto& item : fs::directory_iterator(path)) {
      const std::string child = name.empty() ? item.path().filename().string()
                                             : name + "/" + item.path().filename().string();
      if (!filter_ || filter_(child, item.path())) entry(item.path(), child);
    }
  }

  void entry(const fs::path& path, const std::string& name) {
    const struct stat status = status_of(path);
    TreeEntry entry{.type = TreeEntry::Type::directory, .source = path, .target = {}};
    switch (status.st_mode & S_IFMT) {
    case S_IFDIR:
      break;
    case S_IFREG:
      check_readable(path, R_OK);
      entry.type = TreeEntry::Type::file;
      entry.executable = (status.st_mode & 0111U) != 0;
      entry.size = static_cast<std::uintmax_t>(status.st_size);
      break;
    case S_IFLNK:
      entry.type = TreeEntry::Type::link;
      entry.target = fs::read_symlink(path).string();
      check_link(name, entry.target);
      break;
    default:
      throw Error(
          ErrorKind::invalid,
          fmt::format(
              "{} is a device, a fifo or a socket; only files, directories and links can be used",
              path.string()));
    }
    const bool descend = entry.type == TreeEntry::Type::directory;
    tree_.emplace(name, std::move(entry));
    if (tree_.size() > kMaxEntries)
      throw Error(ErrorKind::too_large,
                  fmt::format("{} has more than {} entries", root_.string(), kMaxEntries));
    if (descend) directory(path, name);
  }

  // What could not be unpacked from an image is refused where it can still be mended.
  void check_link(const std::string& name, const std::string& target) const {
    try {
      check_symlink_target(name, target);
    } catch (const Error& error) {
      throw Error(ErrorKind::invalid,
                  fmt::format("{}: {}", root_.string(), error.what()),
                  "replace the link by what it points to");
    }
  }

  const fs::path& root_;
  const TreeFilter& filter_;
  Tree tree_;
};

void erase_below(Tree& tree, const std::string& path) {
  const std::string prefix = path + "/";
  auto first = tree.lower_bound(prefix);
  auto last = first;
  while (last != tree.end() && last->first.starts_with(prefix))
    ++last;
  tree.erase(first, last);
}

void put(Tree& tree, const std::string& path, const TreeEntry& entry) {
  if (entry.type != TreeEntry::Type::directory) erase_below(tree, path);
  tree.insert_or_assign(path, entry);
}

void write_file(const TreeEntry& entry, const fs::path& path) {
  // The entry may have become something else since it was read: a link is not followed, a fifo not
  // waited for.
  const Fd in = open_file(entry.source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

  struct stat status {};

  if (::fstat(in.get(), &status) != 0 || !S_ISREG(status.st_mode))
    throw Error(ErrorKind::invalid, fmt::format("{} is no longer a file", entry.source.string()));
  const Fd out = open_file(path, O_WRONLY | O_CREAT | O_EXCL, entry.executable ? 0700 : 0600);
  std::array<char, 65536>
      buffer; // NOLINT(cppcoreguidelines-pro-type-member-init) - read() fills it
  for (;;) {
    const ssize_t n = ::read(in.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SystemError(errno, "reading {}", entry.source.string());
    if (n == 0) return;
    with_context(path.string(), [&] {
      write_all(out.get(), {buffer.data(), static_cast<std::size_t>(n)});
    });
  }
}

} // namespace

Tree read_tree(const fs::path& root, const TreeFilter& filter) {
  return TreeReader(root, filter).read();
}

void overlay(Tree& tree, std::string_view prefix, const Tree& more) {
  std::string base;
  for (const auto& part : fs::path(prefix).lexically_normal()) {
    if (part.empty() || part == ".") continue;
    base += (base.empty() ? "" : "/") + part.string();
    if (const auto found = tree.find(base);
        found == tree.end() || found->second.type != TreeEntry::Type::directory)
      tree.insert_or_assign(base, TreeEntry{});
  }
  for (const auto& [path, entry] : more)
    put(tree, base.empty() ? path : base + "/" + path, entry);
}

void write_tree(const Tree& tree, const fs::path& directory) {
  const auto make = [](const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0) throw SystemError(errno, "creating {}", path.string());
  };
  make(directory);
  for (const auto& [name, entry] : tree) {
    const fs::path path = directory / name;
    if (entry.type == TreeEntry::Type::directory)
      make(path);
    else if (entry.type == TreeEntry::Type::file)
      write_file(entry, path);
    else if (::symlink(entry.target.c_str(), path.c_str()) != 0)
      throw SystemError(errno, "creating {}", path.string());
  }
}

void hash_field(std::string_view value, Hasher& hasher) {
  hasher.update(fmt::format("{}:", value.size()));
  hasher.update(value);
}

void hash_tree(const Tree& tree, Hasher& hasher) {
  hash_field(std::to_string(tree.size()), hasher);
  for (const auto& [path, entry] : tree) {
    hash_field(path, hasher);
    if (entry.type == TreeEntry::Type::directory) hash_field("directory", hasher);
    if (entry.type == TreeEntry::Type::link) hash_field("link " + entry.target, hasher);
    if (entry.type == TreeEntry::Type::file) {
      hash_field(entry.executable ? "program" : "file", hasher);
      hash_field(digest_of_file(entry.source), hasher);
    }
  }
}

void remove_tree(const fs::path& directory) {
  std::error_code failure;
  fs::remove_all(directory, failure);
  if (!failure) return;
  // A step may have left read-only directories, whose entries cannot be removed (Go's module cache
  // is made like that).
  std::error_code ignored;
  fs::permissions(
      directory, fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, ignored);
  for (auto item = fs::recursive_directory_iterator(directory, ignored);
       item != fs::recursive_directory_iterator();
       item.increment(ignored))
    if (item->symlink_status(ignored).type() == fs::file_type::directory)
      fs::permissions(item->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
  fs::remove_all(directory, failure);
  if (failure) throw SystemError(failure.value(), "removing {}", directory.string());
}

void replace_directory(const fs::path& fresh, const fs::path& target) {
  const fs::path old = fresh.string() + ".old";
  remove_tree(old);
  if (::rename(fresh.c_str(), target.c_str()) == 0) return; // there was none, or an empty one
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    remove_tree(fresh);
    return;
  }
  if (::rename(target.c_str(), old.c_str()) != 0)
    throw SystemError(errno, "replacing {}", target.string());
  if (::rename(fresh.c_str(), target.c_str()) != 0)
    throw SystemError(errno, "replacing {}", target.string());
  remove_tree(old);
}

bool is_within(const fs::path& path, const fs::path& root) {
  const auto [root_end, ignored] =
      std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return root_end == root.end();
}

bool is_inner_path(std::string_view text) {
  const fs::path path(text);
  return !text.empty() && path.is_relative() && text.find('\0') == std::string_view::npos &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

} // namespace cubeflash::cli
