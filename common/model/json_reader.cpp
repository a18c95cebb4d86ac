// SPDX-License-Identifier: Apache-2.0
#include "common/model/json_reader.hpp"

#include "common/base/error.hpp"

namespace cubeflash {

using nlohmann::json;

namespace {

// Names of fields come from a peer too; a message must not carry a megabyte of them.
constexpr std::size_t kMaxPath = 200;

[[noreturn]] void wrong_type(std::string path, std::string_view expected) {
  if (path.size() > kMaxPath) path = path.substr(0, kMaxPath) + "...";
  if (path.empty()) throw Error(ErrorKind::invalid, fmt::format("expected {}", expected));
  throw Error(ErrorKind::invalid, fmt::format("{}: expected {}", path, expected));
}

std::string string_or_null(const json& value, const std::string& path) {
  if (value.is_null()) return {};
  if (!value.is_string()) wrong_type(path, "a string");
  return value.get<std::string>();
}

} // namespace

JsonReader::JsonReader(const json& value, std::string path)
    : value_(&value), path_(std::move(path)) {
  if (!value.is_object() && !value.is_null()) wrong_type(path_, "an object");
}

std::string JsonReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void JsonReader::wrong(std::string_view key, std::string_view expected) const {
  wrong_type(path_of(key), expected);
}

const json* JsonReader::field(std::string_view key) const {
  if (value_->is_null()) return nullptr;
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

const json* JsonReader::array(std::string_view key) const {
  const json* value = field(key);
  if (value != nullptr && !value->is_array()) wrong(key, "a list");
  return value;
}

std::string JsonReader::text(std::string_view key) const {
  const json* value = field(key);
  return value == nullptr ? std::string() : string_or_null(*value, path_of(key));
}

bool JsonReader::flag(std::string_view key) const {
  const json* value = field(key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) wrong(key, "true or false");
  return value->get<bool>();
}

double JsonReader::number(std::string_view key) const {
  const json* value = field(key);
  if (value == nullptr) return 0;
  if (!value->is_number()) wrong(key, "a number");
  return value->get<double>();
}

std::optional<std::uint64_t> JsonReader::count(std::string_view key) const {
  const json* value = field(key);
  if (value == nullptr) return std::nullopt;
  // A parser makes every number from 0 unsigned; a value built in C++ may hold it as signed.
  if (!value->is_number_integer() ||
      (!value->is_number_unsigned() && value->get<std::int64_t>() < 0))
    wrong(key, "a whole number of 0 or more");
  return value->get<std::uint64_t>();
}

std::vector<std::string> JsonReader::texts(std::string_view key) const {
  std::vector<std::string> result;
  const json* value = array(key);
  if (value == nullptr) return result;
  for (std::size_t i = 0; i < value->size(); ++i)
    result.push_back(string_or_null((*value)[i], fmt::format("{}[{}]", path_of(key), i)));
  return result;
}

StringMap JsonReader::map(std::string_view key) const {
  StringMap result;
  const json* value = field(key);
  if (value == nullptr) return result;
  if (!value->is_object()) wrong(key, "an object");
  for (const auto& [name, entry] : value->items())
    result.emplace(name, string_or_null(entry, fmt::format("{}.{}", path_of(key), name)));
  return result;
}

JsonReader JsonReader::object(std::string_view key) const {
  static const json kNull;
  const json* value = field(key);
  return JsonReader(value == nullptr ? kNull : *value, path_of(key));
}

void JsonReader::each_object(std::string_view key,
                             const std::function<void(const JsonReader&)>& read) const {
  const json* value = array(key);
  if (value == nullptr) return;
  for (std::size_t i = 0; i < value->size(); ++i)
    read(JsonReader((*value)[i], fmt::format("{}[{}]", path_of(key), i)));
}

} // namespace cubeflash
