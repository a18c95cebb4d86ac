// SPDX-License-Identifier: Apache-2.0
// Directory trees written by others, as values: read without following a link out of them, merged,
// hashed, written. It refuses to know what a tree is for.
#pragma once

#include "common/image/digest.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cubeflash::cli {

struct TreeEntry {
  enum class Type { directory, file, link };

  Type type = Type::directory;
  std::filesystem::path source;
  bool executable = false; // of a file
  std::uintmax_t size = 0; // of a file
  std::string target;      // of a link
};

// By '/'-separated relative path. A parent stands before its children.
using Tree = std::map<std::string, TreeEntry>;

// Whether an entry belongs to the tree; what is in a directory that does not is not looked at.
using TreeFilter =
    std::function<bool(const std::string& path, const std::filesystem::path& source)>;

// Throws Error naming the entry: (invalid) for a link that leads out of `root`, a device, a fifo or
// a socket; (denied) for what this account may not read; (too_large) past 500,000 entries.
Tree read_tree(const std::filesystem::path& root, const TreeFilter& filter = {});

// Puts `more` under `prefix` ("" is the root); what is in both comes from `more`.
void overlay(Tree& tree, std::string_view prefix, const Tree& more);

// Writes into a fresh `directory`: directories 0700, files 0600 or 0700.
void write_tree(const Tree& tree, const std::filesystem::path& directory);

// Feeds paths, kinds, executable bits, link targets and content; neither times nor places.
void hash_tree(const Tree& tree, Hasher& hasher);

// Feeds one value so that no two lists of values look alike.
void hash_field(std::string_view value, Hasher& hasher);

// Removes a tree even when directories in it are read-only. No error when there is none.
void remove_tree(const std::filesystem::path& directory);

// Makes `fresh` take the place of `target`, directories both; the old one is removed. Who reads
// meanwhile, or after a kill, finds the old, the new, or (on file systems that cannot exchange)
// nothing.
void replace_directory(const std::filesystem::path& fresh, const std::filesystem::path& target);

// Whether `path` is `root` or below it, by components; both normal and absolute.
bool is_within(const std::filesystem::path& path, const std::filesystem::path& root);

// Relative, not empty, without "..": safe below a directory. "./a//b" is.
bool is_inner_path(std::string_view path);

} // namespace cubeflash::cli
