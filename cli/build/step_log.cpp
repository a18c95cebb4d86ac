// SPDX-License-Identifier: Apache-2.0
#include "cli/build/step_log.hpp"

#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

#include <fcntl.h>

#include <algorithm>
#include <vector>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kTail = 16U << 10U;
constexpr std::size_t kMaxLine = 500;

// A line as a terminal would end up showing it: after the last carriage return, without escape
// sequences.
std::string printable(std::string_view line) {
  while (line.ends_with('\r'))
    line.remove_suffix(1);
  if (const auto at = line.rfind('\r'); at != std::string_view::npos) line.remove_prefix(at + 1);
  std::string result;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
      // ECMA-48 §5.4: a control sequence ends with a byte from 0x40 to 0x7e
      i += 2;
      while (i < line.size() && (line[i] < '\x40' || line[i] > '\x7e'))
        ++i;
    } else if (static_cast<unsigned char>(line[i]) >= ' ' || line[i] == '\t') {
      result += line[i];
    }
    if (result.size() == kMaxLine) return result + "...";
  }
  return result;
}

} // namespace

StepLog::StepLog(fs::path file, std::size_t max_bytes) : file_(std::move(file)), room_(max_bytes) {
  fs::create_directories(file_.parent_path());
  fd_ = open_file(file_, O_WRONLY | O_CREAT | O_TRUNC);
}

void StepLog::write(std::string_view output) {
  tail_.append(output.substr(output.size() - std::min(output.size(), kTail)));
  if (tail_.size() > 2 * kTail) tail_.erase(0, tail_.size() - kTail);
  if (room_ == 0) return;
  const auto kept = output.substr(0, room_);
  room_ -= kept.size();
  with_context(file_.string(), [&] {
    write_all(fd_.get(), kept);
    if (room_ == 0) write_all(fd_.get(), "\n[the log is full: what follows was not kept]\n");
  });
}

void StepLog::begin_step(const std::string& command) {
  write("$ " + command + "\n");
  tail_.clear();
}

std::string StepLog::last_lines(std::size_t count) const {
  std::vector<std::string> lines;
  for (const auto& line : split(trim(tail_), '\n'))
    if (auto text = printable(line); !text.empty()) lines.push_back(std::move(text));
  std::string result;
  for (std::size_t i = lines.size() - std::min(count, lines.size()); i < lines.size(); ++i)
    result += (result.empty() ? "" : "\n") + lines[i];
  return result;
}

void StepLog::remove() {
  fd_.reset();
  std::error_code ignored; // a log that stays harms nobody
  fs::remove(file_, ignored);
}

} // namespace cubeflash::cli
