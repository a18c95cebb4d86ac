// SPDX-License-Identifier: Apache-2.0
#include "stack_text.hpp"
#include <chrono>
#include <cstdlib>

using namespace cubeflash;
using namespace cubeflash::tests;

namespace {

const StringMap kVariables{{"A", "hello"},
                           {"E", ""},
                           {"P", "a/b/c.tar.gz"},
                           {"I", "ghcr.io/org/fn:1.2.3"},
                           {"S", "a.b.a.b"},
                           {"U", "Grüße"},
                           {"D", "${A}"}};

std::string substituted(const std::string& text) {
  const cli::EnvironmentLookup lookup = [](const std::string& name) -> std::optional<std::string> {
    const auto found = kVariables.find(name);
    return found == kVariables.end() ? std::nullopt : std::optional(found->second);
  };
  return cli::substitute_environment(text, lookup, "stack.yml");
}

void check_rows(const std::vector<std::pair<std::string, std::string>>& rows) {
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    CHECK(substituted(text) == expected);
  }
}

} // namespace

TEST_CASE("substitution: only the braced form is replaced") {
  check_rows({{"", ""},
              {"plain text", "plain text"},
              {"${A}", "hello"},
              {"<${A}-${A}>", "<hello-hello>"},
              {"$A", "$A"},
              {"a$", "a$"},
              {"$ {A}", "$ {A}"},
              {"{A}", "{A}"},
              {"# ${A}\n", "# hello\n"}});
}

TEST_CASE("substitution: what is not set is empty") {
  check_rows({{"<${N}>", "<>"}, {"<${E}>", "<>"}});
}

TEST_CASE("substitution: every default operator means: if unset or empty") {
  check_rows({{"${A:-x} ${E:-x} ${N:-x}", "hello x x"},
              {"${A:=x} ${E:=x} ${N:=x}", "hello x x"},
              {"${A=x} ${E=x} ${N=x}", "hello x x"},
              {"${A:?x} ${E:?x} ${N:?x}", "hello x x"},
              {"${A:+x} ${E:+x} ${N:+x}", "hello x x"},
              {"<${N:-}>", "<>"},
              {"${N:-two words: a-b=c}", "two words: a-b=c"},
              {"${N:-http://127.0.0.1:8080}", "http://127.0.0.1:8080"},
              {"${N:-line\nbreak}", "line\nbreak"},
              {"${N:-a\\/b}", "a\\/b"},
              {"${N:-a$b}", "a$b"}});
}

TEST_CASE("substitution: defaults may hold further expressions") {
  check_rows({{"${N:-${A}}", "hello"},
              {"${N:-<${A}|${P##*/}>}", "<hello|c.tar.gz>"},
              {"${N:-${M:-${L:-deep}}}", "deep"},
              {"${A:-${N:-x}}", "hello"},
              {"${N:-{}}", "{}"}});
}

TEST_CASE("substitution: values are not looked at again") {
  check_rows({{"${D}", "${A}"}, {"${N:-${D}}", "${A}"}});
}

TEST_CASE("substitution: letters change case, of all scripts") {
  check_rows({{"${A^} ${A^^} ${A,} ${A,,}", "Hello HELLO hello hello"},
              {"${U^^} ${U,,} ${U,}", "GRÜßE grüße grüße"},
              {"<${N^^}>", "<>"}});
}

TEST_CASE("substitution: parts by position and length") {
  check_rows({{"${A:1}", "ello"},
              {"${A:1:2}", "el"},
              {"${A:9}", ""},
              {"${A:0:99}", "hello"},
              {"<${A:2:0}>", "<>"},
              {"${A:x}", "hello"},
              {"${A:${N:-1}}", "ello"},
              {"${A:99999999999999999999}", "hello"}});
}

TEST_CASE("substitution: patterns are trimmed off both ends") {
  check_rows({{"${P#*/}", "b/c.tar.gz"},
              {"${P##*/}", "c.tar.gz"},
              {"${P%.*}", "a/b/c.tar"},
              {"${P%%.*}", "a/b/c"},
              {"${P%gz}", "a/b/c.tar."},
              {"${P#nothing}", "a/b/c.tar.gz"},
              {"<${P##*}>", "<>"},
              {"${P%?}", "a/b/c.tar.g"},
              {"${I##*:}", "1.2.3"},
              {"${I%:*}", "ghcr.io/org/fn"},
              {"${P%${N:-gz}}", "a/b/c.tar."},
              {"${P%[}", "a/b/c.tar.gz"}});
}

TEST_CASE("substitution: text is replaced once, everywhere, or at an end") {
  check_rows({{"${S/a/X}", "X.b.a.b"},
              {"${S//a/X}", "X.b.X.b"},
              {"${S/#a/X}", "X.b.a.b"},
              {"${S/#b/X}", "a.b.a.b"},
              {"${S/%b/X}", "a.b.a.X"},
              {"${S/%a/X}", "a.b.a.b"},
              {"${S//a/}", ".b..b"},
              {"${S/./\\/}", "a/b.a.b"},
              {"${P//\\//-}", "a-b-c.tar.gz"},
              {"${S/a/${A}}", "hello.b.a.b"},
              {"${S//./$$}", "a$b$a$b"},
              {"${S/*/X}", "a.b.a.b"}}); // plain text, not a pattern
}

TEST_CASE("substitution: the length counts bytes") {
  check_rows({{"${#A} ${#U} ${#N}", "5 7 0"}});
}

TEST_CASE("substitution: escapes of plain text") {
  check_rows({{"$${A}", "${A}"},
              {"$$${A}", "$hello"},
              {"$$A", "$A"},
              {"\\\\ \\/ \\a \\", "\\ / \\a \\"},
              {"\\${A}", "\\hello"}});
}

TEST_CASE("substitution: what is no expression is refused at its line and column") {
  const std::pair<const char*, const char*> rows[] = {
      {"${v-d}", "stack.yml:1:1: missing closing brace"},
      {"${v+d}", "stack.yml:1:1: missing closing brace"},
      {"${v?d}", "stack.yml:1:1: missing closing brace"},
      {"a\n  b: ${v", "stack.yml:2:6: missing closing brace"},
      {"ü ${v ", "stack.yml:1:4: missing closing brace"},
      {"${A B}", "stack.yml:1:1: missing closing brace"},
      {"${A.B}", "stack.yml:1:1: missing closing brace"},
      {"${N:-open", "stack.yml:1:1: missing closing brace"},
      {"${N:-${M}", "stack.yml:1:1: missing closing brace"},
      {"${A^^^}", "stack.yml:1:1: missing closing brace"},
      {"${#A:1}", "stack.yml:1:1: missing closing brace"},
      {"${}", "stack.yml:1:1: ${ is not followed by the name of a variable"},
      {"${ A}", "stack.yml:1:1: ${ is not followed by the name of a variable"},
      {"${", "stack.yml:1:1: ${ is not followed by the name of a variable"},
      {"\n\n ${{ x }}", "stack.yml:3:2: ${ is not followed by the name of a variable"},
      {"${A:}", "stack.yml:1:1: a position is missing after the colon"},
      {"${A:1:}", "stack.yml:1:1: a length is missing after the second colon"},
      {"${A#}", "stack.yml:1:1: a pattern is missing"},
      {"${A/x}", "stack.yml:1:1: a second slash is missing: write ${NAME/what/with}"},
      {"${A///}", "stack.yml:1:1: what to replace is missing"}};
  for (const auto& [text, words] : rows) {
    CAPTURE(text);
    const auto error = error_of([&, t = text] { substituted(t); });
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(std::string(error.what()) == words);
    CHECK_FALSE(error.hint().empty());
  }
}

TEST_CASE("substitution: nesting is bounded") {
  const auto nested = [](int depth) {
    std::string text = "x";
    for (int i = 0; i < depth; ++i)
      text = "${N:-" + text + "}";
    return text;
  };
  CHECK(substituted(nested(32)) == "x");
  CHECK_THROWS_WITH_AS(
      substituted(nested(33)), doctest::Contains("nested more than 32 deep"), Error);
  std::string bomb;
  for (int i = 0; i < 200'000; ++i)
    bomb += "${N:-";
  CHECK_THROWS_AS(substituted(bomb), Error);
}

TEST_CASE("substitution: the result is bounded") {
  const cli::EnvironmentLookup large = [](const std::string&) { return std::string(100'000, 'x'); };
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "${V}";
  CHECK(error_of([&] { cli::substitute_environment(text, large, "s"); }).kind() ==
        ErrorKind::too_large);
  // 100,000 letters, each replaced by 100,000.
  CHECK(error_of([&] { cli::substitute_environment("${V//x/${V}}", large, "s"); }).kind() ==
        ErrorKind::too_large);
}

TEST_CASE("substitution: hostile patterns end in time") {
  const cli::EnvironmentLookup large = [](const std::string&) { return std::string(100'000, 'x'); };
  std::string text;
  for (int i = 0; i < 10'000; ++i)
    text += "${V%%*a*b*c*d*e*f}";
  const auto start = std::chrono::steady_clock::now();
  CHECK(error_of([&] { cli::substitute_environment(text, large, "s"); }).kind() ==
        ErrorKind::too_large);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("substitution: without a lookup the process environment is asked") {
  ::setenv(
      "CF_TEST_SUBSTITUTION", "from the process", 1); // NOLINT(concurrency-mt-unsafe) - one thread
  CHECK(cli::substitute_environment("${CF_TEST_SUBSTITUTION}", {}, "s") == "from the process");
  ::unsetenv("CF_TEST_SUBSTITUTION"); // NOLINT(concurrency-mt-unsafe)
}
