// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>

namespace cubeflash::cli {

namespace {

// Code points: every byte that does not continue one.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string padding(const std::string& text, std::size_t to) {
  return std::string(to - std::min(to, width(text)), ' ');
}

} // namespace

Table::Table(std::vector<std::string> header) {
  rows_.push_back(std::move(header));
}

void Table::add(std::vector<std::string> row) {
  row.resize(rows_.front().size());
  rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + padding(row[i], widths[i] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

void Properties::add(const std::string& key, const std::string& value) {
  lines_.emplace_back(key, std::vector<std::string>{value});
}

void Properties::add(const std::string& key, const std::vector<std::string>& values) {
  lines_.emplace_back(key, values);
}

void Properties::print(std::ostream& out) const {
  std::size_t column = 0;
  for (const auto& [key, values] : lines_)
    column = std::max(column, width(key) + 3);
  for (const auto& [key, values] : lines_) {
    std::string label = key + ':';
    for (const auto& value : values) {
      out << label << padding(label, column) << value << '\n';
      label.clear();
    }
  }
}

} // namespace cubeflash::cli
