// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/yaml_value.hpp"

#include "common/base/text.hpp"

#include <array>

namespace cubeflash::cli {

namespace {

// The words of YAML 1.1, as Go's YAML library takes them for booleans.
constexpr std::array<std::string_view, 4> kTrue{"true", "yes", "on", "y"};
constexpr std::array<std::string_view, 4> kFalse{"false", "no", "off", "n"};

} // namespace

YamlValue::YamlValue(Kind kind, std::shared_ptr<const std::string> path, Position position)
    : kind_(kind), path_(std::move(path)), position_(position) {}

bool YamlValue::is_empty() const {
  return kind_ != Kind::scalar && items_.empty() && entries_.empty();
}

void YamlValue::fail(std::string_view what, const std::string& hint, ErrorKind kind) const {
  throw Error(kind, fmt::format("{}: {}", where(), what), hint);
}

const std::string& YamlValue::text(std::string_view name) const {
  if (kind_ == Kind::list || kind_ == Kind::map) fail(fmt::format("{}: expected a text", name));
  return text_;
}

bool YamlValue::flag(std::string_view name) const {
  if (kind_ == Kind::null) return false;
  if (kind_ == Kind::scalar && !quoted_) {
    const auto word = to_lower(text_);
    for (const auto truth : kTrue)
      if (word == truth) return true;
    for (const auto falsehood : kFalse)
      if (word == falsehood) return false;
  }
  fail(fmt::format("{}: expected true or false", name));
}

const std::vector<YamlValue>& YamlValue::items(std::string_view name) const {
  if (kind_ != Kind::list && kind_ != Kind::null)
    fail(fmt::format("{}: expected a list", name), "begin every entry with a dash: - entry");
  return items_;
}

const std::vector<YamlEntry>& YamlValue::entries(std::string_view name) const {
  if (kind_ != Kind::map && kind_ != Kind::null)
    fail(fmt::format("{}: expected a map", name), "write one KEY: VALUE a line");
  return entries_;
}

std::vector<std::string> YamlValue::texts(std::string_view name) const {
  std::vector<std::string> result;
  for (const auto& item : items(name))
    result.push_back(item.text(name));
  return result;
}

StringMap YamlValue::text_map(std::string_view name) const {
  StringMap result;
  for (const auto& entry : entries(name))
    result[entry.key] = entry.value.text(fmt::format("{}.{}", name, entry.key));
  return result;
}

} // namespace cubeflash::cli
