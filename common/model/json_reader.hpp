// SPDX-License-Identifier: Apache-2.0
// Typed access to a JSON object of a peer, with errors that name the field. As in Go's decoder,
// null and a missing field are the same, and unknown fields are ignored. It refuses to know what
// the fields mean.
#pragma once

#include "common/model/function_spec.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash {

// Borrows the value; it must outlive the reader.
class JsonReader {
 public:
  // Throws Error(invalid) unless `value` is an object (or null, which reads as an empty one).
  // `path` is put before the names of fields in messages.
  explicit JsonReader(const nlohmann::json& value, std::string path = {});

  bool has(std::string_view key) const { return field(key) != nullptr; }

  std::string text(std::string_view key) const; // "" when absent
  bool flag(std::string_view key) const;        // false when absent
  double number(std::string_view key) const;    // 0 when absent
  std::optional<std::uint64_t> count(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  StringMap map(std::string_view key) const;
  JsonReader object(std::string_view key) const;
  void each_object(std::string_view key, const std::function<void(const JsonReader&)>& read) const;

  // Throws Error(invalid): "<path of key>: expected <expected>".
  [[noreturn]] void wrong(std::string_view key, std::string_view expected) const;

 private:
  const nlohmann::json* field(std::string_view key) const; // null when absent
  const nlohmann::json* array(std::string_view key) const;
  std::string path_of(std::string_view key) const;

  const nlohmann::json* value_;
  std::string path_;
};

} // namespace cubeflash
