// SPDX-License-Identifier: Apache-2.0
// The one file that knows the YAML library.
#include "cli/stack/yaml_limits.hpp"
#include "cli/stack/yaml_value.hpp"
#include "common/base/text.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

namespace cubeflash::cli {

namespace {

// An alias is one node to the parser, but the tree below holds a copy of it. A few lines of aliases
// of aliases can ask for billions, so both numbers count what is copied.
constexpr std::size_t kMaxValues = 100'000;
constexpr std::size_t kMaxTextBytes = 8U << 20U;

Position position_at(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

} // namespace

// Builds the tree.
class YamlTree {
 public:
  explicit YamlTree(const std::string& path) : path_(std::make_shared<const std::string>(path)) {}

  YamlValue build(const YAML::Node& node, Position fallback, std::size_t depth = 1) {
    const auto mark = node.Mark();
    // The parser gives an absent value no mark of its own.
    const Position position = mark.is_null() || node.IsNull() ? fallback : position_at(mark);
    YamlValue value(kind_of(node), path_, position);
    if (++values_ > kMaxValues)
      value.fail(fmt::format("aliases expand to more than {} values", kMaxValues),
                 {},
                 ErrorKind::too_large);
    if (depth > kMaxYamlDepth)
      value.fail(
          fmt::format("nested more than {} levels deep", kMaxYamlDepth), {}, ErrorKind::too_large);
    switch (value.kind_) {
    case YamlValue::Kind::null:
      break;
    case YamlValue::Kind::scalar:
      value.text_ = node.Scalar();
      value.quoted_ = node.Tag() == "!";
      count_text(value);
      break;
    case YamlValue::Kind::list:
      for (const auto& item : node)
        value.items_.push_back(build(item, position, depth + 1));
      break;
    case YamlValue::Kind::map:
      build_map(value, node, depth);
      break;
    }
    return value;
  }

 private:
  static YamlValue::Kind kind_of(const YAML::Node& node) {
    if (node.IsScalar()) return YamlValue::Kind::scalar;
    if (node.IsSequence()) return YamlValue::Kind::list;
    if (node.IsMap()) return YamlValue::Kind::map;
    return YamlValue::Kind::null;
  }

  void count_text(const YamlValue& value) {
    text_bytes_ += value.text_.size();
    if (text_bytes_ > kMaxTextBytes)
      value.fail(fmt::format("aliases expand to more than {} MiB", kMaxTextBytes >> 20U),
                 {},
                 ErrorKind::too_large);
  }

  void build_map(YamlValue& map, const YAML::Node& node, std::size_t depth) {
    std::map<std::string, std::string> given; // key -> where it was given first
    std::vector<YamlEntry> merged;
    for (const auto& pair : node) {
      const Position position = position_at(pair.first.Mark());
      YamlValue key = build(pair.first, position, depth + 1);
      if (!key.is(YamlValue::Kind::scalar)) key.fail("a key must be a text");
      YamlValue value = build(pair.second, position, depth + 1);
      if (key.text_ == "<<" && !key.quoted_) {
        merge(merged, value);
        continue;
      }
      const auto [first, fresh] = given.emplace(key.text_, key.where());
      if (!fresh)
        key.fail(
            fmt::format("\"{}\" is given twice; the first time at {}", key.text_, first->second));
      map.entries_.push_back({key.text_, std::move(value), key.where()});
    }
    // https://yaml.org/type/merge.html: what is written in the map itself wins, then the earlier of
    // the merged maps.
    for (auto& entry : merged)
      if (given.emplace(entry.key, entry.where).second) map.entries_.push_back(std::move(entry));
  }

  static void merge(std::vector<YamlEntry>& merged, YamlValue& value) {
    const auto add = [&](YamlValue& map) {
      if (!map.is(YamlValue::Kind::map)) value.fail("<<: expected a map or a list of maps");
      for (auto& entry : map.entries_)
        merged.push_back(std::move(entry));
    };
    if (!value.is(YamlValue::Kind::list)) return add(value);
    for (auto& map : value.items_)
      add(map);
  }

  std::shared_ptr<const std::string> path_;
  std::size_t values_ = 0;
  std::size_t text_bytes_ = 0;
};

namespace {

// The one document of the text; null for an empty text.
YAML::Node load_document(std::string_view text, const std::string& path) {
  YAML::Node result;
  bool found = false;
  for (const auto& document : YAML::LoadAll(std::string(text))) {
    if (!document.IsDefined() || document.IsNull()) continue;
    if (found)
      throw Error(ErrorKind::invalid,
                  fmt::format("{}: a second document begins here; a file may hold only one",
                              position_at(document.Mark()).describe(path)));
    result.reset(document);
    found = true;
  }
  return result;
}

// Whether a line near the place of a mistake is indented with a tab. The parser reports such a tab
// under many names, and sometimes only at the line that follows.
bool has_tab_near(std::string_view text, const YAML::Mark& mark) {
  const auto lines = split(text, '\n');
  const auto line = static_cast<std::size_t>(std::max(mark.line, 0));
  for (std::size_t i = line == 0 ? 0 : line - 1; i <= line && i < lines.size(); ++i)
    if (lines[i].substr(0, lines[i].find_first_not_of(" \t")).find('\t') != std::string::npos)
      return true;
  return false;
}

} // namespace

YamlValue read_yaml(std::string_view text, const std::string& path) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  check_yaml_text(text, path);
  try {
    return YamlTree(path).build(load_document(text, path), {});
  } catch (const YAML::Exception& error) {
    throw Error(
        ErrorKind::invalid,
        fmt::format("{}: not valid YAML: {}", position_at(error.mark).describe(path), error.msg),
        has_tab_near(text, error.mark) ? "indent with blanks, not with tabs" : "");
  }
}

} // namespace cubeflash::cli
