// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/yaml_limits.hpp"

#include "cli/stack/text_position.hpp"
#include "common/base/error.hpp"

#include <vector>

namespace cubeflash::cli {

namespace {

// Length of the well-formed UTF-8 sequence at the front (RFC 3629), 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2   ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

void check_characters(std::string_view text, const std::string& path) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = text[at] == '\0' ? 0 : sequence_length(text.substr(at));
    if (length == 0)
      throw Error(ErrorKind::invalid,
                  fmt::format("{}: not a text file: {}",
                              position_of(text, at).describe(path),
                              text[at] == '\0' ? "it has a NUL byte" : "it is not in UTF-8"));
    at += length;
  }
}

// An upper bound of the nesting, good enough to refuse bombs. Quotes and comments are skipped; a
// block scalar is read as if it were YAML, which only matters to one with dozens of open brackets.
class NestingScan {
 public:
  explicit NestingScan(std::string_view text) : text_(text) {}

  // Offset of the first place that is too deep, npos when there is none.
  std::size_t too_deep() {
    while (at_ < text_.size()) {
      if (line_start_ && !begin_line()) return at_;
      if (at_ < text_.size() && !step()) return at_;
    }
    return std::string_view::npos;
  }

 private:
  char current() const { return text_[at_]; }

  bool separated() const { // what stands here can begin a token
    if (at_ == 0) return true;
    const char before = text_[at_ - 1];
    const bool in_flow = at_ - 1 == opened_at_ || (open_ > 0 && (before == ',' || before == ':'));
    return in_flow || before == ' ' || before == '\t' || before == '\n' || before == '\r';
  }

  // Indentation, and the indicators of compact collections: "- - ? - a" opens a level each.
  bool begin_line() {
    line_start_ = false;
    const std::size_t start = at_;
    std::size_t compact = 0;
    while (at_ < text_.size() && current() == ' ')
      ++at_;
    const std::size_t indent = at_ - start;
    if (at_ == text_.size() || current() == '\n' || current() == '\r' || current() == '#')
      return true;
    while (at_ < text_.size() && (current() == '-' || current() == '?' || current() == ':') &&
           (at_ + 1 == text_.size() || text_[at_ + 1] == ' ' || text_[at_ + 1] == '\t')) {
      ++compact;
      ++at_;
      while (at_ < text_.size() && (current() == ' ' || current() == '\t'))
        ++at_;
    }
    while (!indents_.empty() && indents_.back() >= indent)
      indents_.pop_back();
    indents_.push_back(indent);
    return indents_.size() + compact + open_ <= kMaxYamlDepth;
  }

  bool step() {
    const char c = current();
    if (c == '\n') {
      line_start_ = true;
    } else if (c == '#' && separated()) {
      skip_to('\n');
      return true;
    } else if (c == '"' && separated()) {
      skip_quoted();
      return true;
    } else if (c == '\'' && separated()) {
      ++at_;
      skip_to('\'');
    } else if ((c == '[' || c == '{') && separated()) {
      opened_at_ = at_;
      if (++open_ + indents_.size() > kMaxYamlDepth) return false;
    } else if ((c == ']' || c == '}') && open_ > 0) {
      --open_;
    }
    if (at_ < text_.size()) ++at_;
    return true;
  }

  void skip_to(char stop) {
    while (at_ < text_.size() && current() != stop)
      ++at_;
  }

  void skip_quoted() {
    for (++at_; at_ < text_.size() && current() != '"'; ++at_)
      if (current() == '\\') ++at_;
    if (at_ < text_.size()) ++at_;
    if (at_ > text_.size()) at_ = text_.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool line_start_ = true;
  std::size_t open_ = 0;                           // flow brackets
  std::size_t opened_at_ = std::string_view::npos; // where the last of them is
  std::vector<std::size_t> indents_;               // columns of the enclosing blocks
};

} // namespace

void check_yaml_text(std::string_view text, const std::string& path) {
  if (text.size() > kMaxYamlBytes)
    throw Error(ErrorKind::too_large,
                fmt::format("{} is larger than {} MiB", path, kMaxYamlBytes >> 20U));
  check_characters(text, path);
  const auto deep = NestingScan(text).too_deep();
  if (deep != std::string_view::npos)
    throw Error(ErrorKind::too_large,
                fmt::format("{}: nested more than {} levels deep",
                            position_of(text, deep).describe(path),
                            kMaxYamlDepth));
}

} // namespace cubeflash::cli
