// SPDX-License-Identifier: Apache-2.0
// A YAML document as a tree of values that know where they stand, with typed access. Every error
// begins with "file:line:column". It refuses to know which keys mean something, and which library
// reads YAML.
#pragma once

#include "cli/stack/text_position.hpp"
#include "common/base/error.hpp"
#include "common/model/function_spec.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::cli {

struct YamlEntry;

class YamlValue {
 public:
  enum class Kind { null, scalar, list, map };

  YamlValue(Kind kind, std::shared_ptr<const std::string> path, Position position);

  bool is(Kind kind) const { return kind_ == kind; }

  // Null, or a list or map without entries.
  bool is_empty() const;

  std::string where() const { return position_.describe(*path_); } // "stack.yml:7:3"

  // Throws Error(kind) "<where>: <what>".
  [[noreturn]] void fail(std::string_view what,
                         const std::string& hint = {},
                         ErrorKind kind = ErrorKind::invalid) const;

  // `name` is what messages call this value. Null reads as "" or empty; a scalar as its text,
  // whatever its type.
  const std::string& text(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  StringMap text_map(std::string_view name) const;
  const std::vector<YamlValue>& items(std::string_view name) const;
  const std::vector<YamlEntry>& entries(std::string_view name) const; // in the file's order

 private:
  friend class YamlTree;

  Kind kind_;
  bool quoted_ = false;
  std::shared_ptr<const std::string> path_;
  Position position_;
  std::string text_;
  std::vector<YamlValue> items_;
  std::vector<YamlEntry> entries_;
};

struct YamlEntry {
  std::string key;
  YamlValue value;
  std::string where; // of the key
};

// Reads one document. Merge keys (<<) are resolved, aliases expanded. Throws Error(invalid) for
// what is no YAML, for several documents and for keys given twice, Error(too_large) past the limits
// of size, nesting and expansion.
YamlValue read_yaml(std::string_view text, const std::string& path);

} // namespace cubeflash::cli
