// SPDX-License-Identifier: Apache-2.0
// ${...} in a stack file. The language is that of OpenFaaS's CLI, which looks like a shell's but is
// not: every default operator means "if unset or empty".
#include "cli/stack/stack_file.hpp"
#include "cli/stack/text_operations.hpp"
#include "cli/stack/text_position.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"

namespace cubeflash::cli {

namespace {

constexpr std::size_t kMaxOutput = 4U << 20U;
constexpr int kMaxNesting = 32;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Reads the text once, from front to back, and evaluates what it reads.
class Substitution {
 public:
  Substitution(std::string_view text, const EnvironmentLookup& lookup, const std::string& path)
      : text_(text), lookup_(lookup), path_(path) {}

  std::string run() {
    std::string out;
    while (at_ < text_.size()) {
      if (next_is("${")) {
        append(out, expression());
      } else {
        if (next_is("$$") || next_is("\\\\") || next_is("\\/")) ++at_;
        out += text_[at_++];
        check_size(out.size());
      }
    }
    return out;
  }

 private:
  bool next_is(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  bool take(std::string_view what) {
    if (!next_is(what)) return false;
    at_ += what.size();
    return true;
  }

  [[noreturn]] void fail(std::size_t at, std::string_view what) const {
    throw Error(ErrorKind::invalid,
                fmt::format("{}: {}", position_of(text_, at).describe(path_), what),
                "write $${ for a literal ${, or turn substitution off with --envsubst=false");
  }

  static void check_size(std::size_t size) {
    if (size > kMaxOutput)
      throw Error(ErrorKind::too_large,
                  fmt::format("more than {} MiB after substitution", kMaxOutput >> 20U));
  }

  static void append(std::string& out, const std::string& more) {
    check_size(out.size() + more.size());
    out += more;
  }

  std::string name() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_char(text_[at_]))
      ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  void close() {
    if (!take("}")) fail(start_, "missing closing brace");
  }

  // A part of an expression up to `stop` or the closing brace, either of which stays. `escapes`: a
  // backslash protects a slash or a backslash.
  std::string word(char stop, bool escapes) {
    const std::size_t start = start_;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '}' && text_[at_] != stop) {
      if (next_is("${")) {
        append(out, expression());
        start_ = start;
        continue;
      }
      if (escapes && (next_is("\\\\") || next_is("\\/") || next_is("$$"))) ++at_;
      out += text_[at_++];
      check_size(out.size());
    }
    return out;
  }

  // At "${". Returns its value and stands behind its "}".
  std::string expression() {
    start_ = at_;
    if (++nesting_ > kMaxNesting)
      fail(start_, fmt::format("substitutions are nested more than {} deep", kMaxNesting));
    take("${");
    const bool length = take("#");
    const std::string variable = name();
    if (variable.empty()) fail(start_, "${ is not followed by the name of a variable");
    const std::string value = lookup_(variable).value_or("");
    std::string result = length ? std::to_string(value.size()) : operation(value);
    close();
    --nesting_;
    return result;
  }

  // Behind the name; leaves the closing brace.
  std::string operation(const std::string& value) {
    for (const std::string_view sign : {":-", ":=", ":?", ":+", "="})
      if (take(sign)) {
        std::string fallback = word('}', false);
        return value.empty() ? fallback : value;
      }
    if (take(":")) return substring(value);
    if (take("^^")) return change_case(value, Case::upper);
    if (take("^")) return change_case(value, Case::upper_first);
    if (take(",,")) return change_case(value, Case::lower);
    if (take(",")) return change_case(value, Case::lower_first);
    if (take("##")) return trimmed(value, true, Glob::Reach::longest);
    if (take("#")) return trimmed(value, true, Glob::Reach::shortest);
    if (take("%%")) return trimmed(value, false, Glob::Reach::longest);
    if (take("%")) return trimmed(value, false, Glob::Reach::shortest);
    if (take("//")) return replaced(value, Replace::all);
    if (take("/#")) return replaced(value, Replace::prefix);
    if (take("/%")) return replaced(value, Replace::suffix);
    if (take("/")) return replaced(value, Replace::first);
    return value;
  }

  std::string substring(const std::string& value) {
    const std::size_t start = start_;
    const std::string position = word(':', false);
    if (position.empty()) fail(start, "a position is missing after the colon");
    if (!take(":")) return cut(value, position, std::nullopt);
    const std::string length = word('}', false);
    if (length.empty()) fail(start, "a length is missing after the second colon");
    return cut(value, position, length);
  }

  std::string trimmed(const std::string& value, bool front, Glob::Reach reach) {
    const std::size_t start = start_;
    const std::string pattern = word('}', false);
    if (pattern.empty()) fail(start, "a pattern is missing");
    work_.spend(value.size() * (pattern.size() + 1));
    return trim_pattern(value, pattern, front, reach);
  }

  std::string replaced(const std::string& value, Replace where) {
    const std::size_t start = start_;
    const std::string search = word('/', true);
    if (search.empty()) fail(start, "what to replace is missing");
    if (!take("/")) fail(start, "a second slash is missing: write ${NAME/what/with}");
    while (take("/")) { // OpenFaaS's CLI reads any number of slashes as one
    }
    const std::string with = word('}', true);
    work_.spend(value.size() + search.size());
    auto result = replace_text(value, search, with, where, kMaxOutput);
    if (!result) check_size(kMaxOutput + 1);
    return *result;
  }

  std::string_view text_;
  const EnvironmentLookup& lookup_;
  const std::string& path_;
  std::size_t at_ = 0;
  std::size_t start_ = 0; // of the innermost expression, for messages
  int nesting_ = 0;
  WorkLimit work_;
};

} // namespace

std::string substitute_environment(std::string_view text,
                                   const EnvironmentLookup& environment,
                                   const std::string& path) {
  if (environment) return Substitution(text, environment, path).run();
  const EnvironmentLookup process = [](const std::string& name) {
    return environment_variable(name.c_str());
  };
  return Substitution(text, process, path).run();
}

} // namespace cubeflash::cli
