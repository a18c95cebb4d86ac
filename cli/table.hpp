// SPDX-License-Identifier: Apache-2.0
// Aligned text for people. It refuses to know what it shows.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace cubeflash::cli {

// Columns as wide as their widest cell (UTF-8 counted in characters), two blanks between them, none
// at a line's end.
class Table {
 public:
  explicit Table(std::vector<std::string> header);

  // As many cells as the header has.
  void add(std::vector<std::string> row);
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "Key:  value" lines whose values start in one column; a value of several lines goes on below its
// first.
class Properties {
 public:
  void add(const std::string& key, const std::string& value);
  void add(const std::string& key, const std::vector<std::string>& values);
  void print(std::ostream& out) const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> lines_;
};

} // namespace cubeflash::cli
