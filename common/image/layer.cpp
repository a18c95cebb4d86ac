// SPDX-License-Identifier: Apache-2.0
#include "common/image/layer.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/image/entry_path.hpp"
#include "common/image/entry_writer.hpp"

#include <set>

namespace cubeflash {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::string_view kReserved =
    ".wh..wh."; // bookkeeping of a union file system that no longer exists

// Lower layers as one layer sees them. What this layer itself brought is never removed: whiteouts
// are about those below, in whatever order they come.
class LowerLayers {
 public:
  explicit LowerLayers(const fs::path& root) : root_(root) {}

  // Records that this layer has `path`, hence its directories too.
  void shadow(const std::string& path) {
    for (auto end = path.size(); end != std::string::npos && end > 0;
         end = path.rfind('/', end - 1))
      if (!ours_.insert(path.substr(0, end)).second) return;
  }

  void remove(const std::string& path) const {
    if (reachable(path)) remove_tree(path);
  }

  void remove_content(const std::string& directory) const {
    if (!directory.empty() && !reachable(directory)) return;
    if (!fs::is_directory(fs::symlink_status(root_ / directory))) return;
    remove_children(directory);
  }

  bool is_directory(const std::string& path) const {
    return fs::is_directory(fs::symlink_status(root_ / path));
  }

 private:
  // Whether all directories above are real ones: a path through a link is not the path that the
  // lower layer had.
  bool reachable(const std::string& path) const {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
      if (!is_directory(path.substr(0, slash))) return false;
    return true;
  }

  void remove_tree(const std::string& path) const {
    if (!ours_.contains(path)) {
      fs::remove_all(root_ / path);
    } else if (is_directory(path)) {
      remove_children(path);
    }
  }

  void remove_children(const std::string& directory) const {
    std::vector<std::string> children;
    for (const auto& child : fs::directory_iterator(root_ / directory))
      children.push_back((fs::path(directory) / child.path().filename()).string());
    for (const auto& child : children)
      remove_tree(child);
  }

  const fs::path& root_;
  std::set<std::string> ours_;
};

void apply_whiteout(const LowerLayers& lower, const std::string& directory, std::string_view name) {
  if (name == kOpaque) return lower.remove_content(directory);
  if (name.starts_with(kReserved)) return;
  const auto hidden = name.substr(kWhiteout.size());
  if (hidden.empty() || hidden == "." || hidden == "..")
    throw Error(ErrorKind::invalid,
                fmt::format("entry \"{}/{}\": whiteout of no name", directory, name));
  lower.remove((fs::path(directory) / hidden).string());
}

} // namespace

void apply_layer(const fs::path& layer, const fs::path& root, ExtractLimits& left) try {
  const Utf8Locale locale;
  ArchiveSource source(layer);
  EntryWriter writer(root, left, EntryModes::publish);
  LowerLayers lower(root);
  while (archive_entry* entry = source.next()) {
    const auto path = entry_path(entry);
    const auto slash = path.rfind('/');
    const auto name = std::string_view(path).substr(slash + 1); // npos + 1 is 0
    if (name.starts_with(kWhiteout)) {
      apply_whiteout(lower, slash == std::string::npos ? "" : path.substr(0, slash), name);
      writer.forget_parent();
      continue;
    }
    if (::archive_entry_filetype(entry) != AE_IFDIR && lower.is_directory(path)) {
      lower.remove(path);
      writer.forget_parent();
    }
    writer.write(source, entry, path);
    lower.shadow(path);
  }

} catch (const fs::filesystem_error& error) {

  throw SystemError(error.code().value(), "unpacking {}", error.path1().string());
}

} // namespace cubeflash
