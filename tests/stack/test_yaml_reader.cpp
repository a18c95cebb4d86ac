// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/yaml_limits.hpp"
#include "cli/stack/yaml_value.hpp"

#include "stack_text.hpp"
#include <chrono>

using namespace cubeflash;
using namespace cubeflash::tests;
using cli::read_yaml;
using cli::YamlValue;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i)
    result += text;
  return result;
}

Error refusal(const std::string& text) {
  return error_of([&] { read_yaml(text, "f.yml"); });
}

} // namespace

TEST_CASE("yaml: every value knows its line and column") {
  const auto root = read_yaml("a: 1\nb:\n  - x\n  - {c: d}\n", "f.yml");
  const auto& entries = root.entries("f");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].where == "f.yml:1:1");
  CHECK(entries[0].value.where() == "f.yml:1:4");
  const auto& items = entries[1].value.items("b");
  REQUIRE(items.size() == 2);
  CHECK(items[0].where() == "f.yml:3:5");
  CHECK(items[1].entries("c")[0].value.where() == "f.yml:4:9");
}

TEST_CASE("yaml: an absent value has the place of its key") {
  const auto root = read_yaml("a: 1\nb:\nc: ~\n", "f.yml");
  CHECK(root.entries("f")[1].value.where() == "f.yml:2:1");
  CHECK(root.entries("f")[1].value.is(YamlValue::Kind::null));
  CHECK(root.entries("f")[2].value.is(YamlValue::Kind::null));
}

TEST_CASE("yaml: an empty text is null") {
  for (const char* text :
       {"", "\n\n", "# only a remark\n", "---\n", "---\n...\n", "\xEF\xBB\xBF"}) {
    CAPTURE(text);
    CHECK(read_yaml(text, "f.yml").is(YamlValue::Kind::null));
  }
}

TEST_CASE("yaml: booleans are the words that Go's library takes") {
  const auto flag = [](const std::string& word) {
    return read_yaml("a: " + word, "f.yml").entries("f")[0].value.flag("a");
  };
  for (const char* word : {"true", "True", "TRUE", "yes", "on", "y"})
    CHECK(flag(word));
  for (const char* word : {"false", "no", "off", "N", ""})
    CHECK_FALSE(flag(word));
  for (const char* word : {"1", "\"true\"", "maybe", "[]"}) {
    CAPTURE(word);
    CHECK_THROWS_WITH_AS(flag(word), "f.yml:1:4: a: expected true or false", Error);
  }
}

TEST_CASE("yaml: keys given twice are refused, with both places") {
  CHECK(std::string(refusal("a: 1\nb: 2\na: 3\n").what()) ==
        "f.yml:3:1: \"a\" is given twice; the first time at f.yml:1:1");
  CHECK_NOTHROW(read_yaml("a: {x: 1}\nb: {x: 1}\n", "f.yml"));
}

TEST_CASE("yaml: merge keys: what stands in the map wins, then the earlier map") {
  const auto root =
      read_yaml("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 3\n", "f.yml");
  CHECK(root.entries("f")[2].value.text_map("z") == StringMap{{"a", "3"}, {"b", "1"}, {"c", "2"}});
}

TEST_CASE("yaml: merge keys come before or after, and through one another") {
  const auto root =
      read_yaml("x: &x {a: 1}\ny: &y\n  b: 2\n  <<: *x\nz: {a: 3, <<: *y}\n", "f.yml");
  CHECK(root.entries("f")[1].value.text_map("y") == StringMap{{"a", "1"}, {"b", "2"}});
  CHECK(root.entries("f")[2].value.text_map("z") == StringMap{{"a", "3"}, {"b", "2"}});
}

TEST_CASE("yaml: only a map can be merged, and a quoted << is a plain key") {
  CHECK(std::string(refusal("x: &x 1\ny: {<<: *x}\n").what())
            .find("expected a map or a list of maps") != std::string::npos);
  CHECK(read_yaml("\"<<\": 1\n", "f.yml").entries("f")[0].key == "<<");
}

TEST_CASE("yaml: a second document is refused, an empty one is not") {
  CHECK(refusal("a: 1\n---\nb: 2\n").kind() == ErrorKind::invalid);
  CHECK(std::string(refusal("a: 1\n---\nb: 2\n").what()).find("a second document begins here") !=
        std::string::npos);
  CHECK_NOTHROW(read_yaml("---\na: 1\n---\n...\n", "f.yml"));
}

TEST_CASE("yaml: what is none is refused with the place and the parser's words") {
  for (const char* text : {"a: b: c",
                           "a: [1",
                           "a: \"x",
                           "- a\nb: c",
                           "a: *unknown",
                           "a: 'x\nb: c",
                           "{",
                           "a: {b: c",
                           "\tx: 1\n  y: 2"}) {
    CAPTURE(text);
    const auto error = refusal(text);
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(std::string(error.what()).starts_with("f.yml:"));
  }
  CHECK(refusal("a:\n\tb: c\n").hint() == "indent with blanks, not with tabs");
}

TEST_CASE("yaml: binary and other encodings are refused") {
  CHECK(std::string(refusal(std::string("a: b\n\0", 6)).what()) ==
        "f.yml:2:1: not a text file: it has a NUL byte");
  CHECK(std::string(refusal("a: \xFF\n").what()) ==
        "f.yml:1:4: not a text file: it is not in UTF-8");
  CHECK_THROWS_AS(read_yaml("\x7F"
                            "ELF\x02\x01\x01" +
                                std::string(100, '\0'),
                            "f.yml"),
                  Error);
  CHECK_THROWS_AS(read_yaml(std::string("\xFF\xFE"
                                        "a\0:\0",
                                        6),
                            "f.yml"),
                  Error); // UTF-16
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    CHECK_THROWS_AS(read_yaml(bad, "f"), Error);
}

TEST_CASE("yaml: a text of up to 1 MiB, no more") {
  const std::string line = "# " + std::string(1021, 'x') + "\n";
  CHECK_NOTHROW(read_yaml(repeated(line, 1024), "f.yml"));
  CHECK(refusal(repeated(line, 1024) + "\n").kind() == ErrorKind::too_large);
}

TEST_CASE("yaml: deep nesting of any kind is refused before it costs anything") {
  std::string indented;
  for (int i = 0; i < 500; ++i)
    indented += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  const std::pair<const char*, std::string> rows[] = {
      {"brackets", std::string(100'000, '[')},
      {"braces", std::string(100'000, '{')},
      {"spaced", "a: " + repeated("[ ", 100'000)},
      {"flow maps", "a: " + repeated("{a: ", 100'000)},
      {"colons", "a: " + repeated("{a:[", 1000)},
      {"dashes", repeated("- ", 100'000) + "x"},
      {"question marks", repeated("? ", 100'000) + "x"},
      {"indentation", indented}};
  for (const auto& [name, text] : rows) {
    CAPTURE(name);
    const auto start = std::chrono::steady_clock::now();
    const auto error = refusal(text);
    CHECK((error.kind() == ErrorKind::too_large || error.kind() == ErrorKind::invalid));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }
}

TEST_CASE("yaml: brackets in texts, quotes and remarks are no nesting") {
  const std::string brackets(200, '[');
  CHECK_NOTHROW(read_yaml(
      "a: \"" + brackets + "\"\nb: '" + brackets + "'\nc: x" + brackets + "\n# " + brackets, "f"));
}

TEST_CASE("yaml: aliases of aliases are counted before memory is spent") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto item = fmt::format("*a{}", i - 1);
    bomb +=
        fmt::format("a{0}: &a{0} [{1}, {1}, {1}, {1}, {1}, {1}, {1}, {1}, {1}, {1}]\n", i, item);
  }
  const auto error = refusal(bomb);
  CHECK(error.kind() == ErrorKind::too_large);
  CHECK(std::string(error.what()).find("aliases expand to more than 100000 values") !=
        std::string::npos);
}

TEST_CASE("yaml: one large text behind many aliases is counted too") {
  const auto error =
      refusal("a: &a " + std::string(500'000, 'x') + "\nb: [" + repeated("*a, ", 90'000) + "]\n");
  CHECK(error.kind() == ErrorKind::too_large);
}

TEST_CASE("yaml: a value that contains itself is refused") {
  CHECK(refusal("a: &a\n  b: *a\n").kind() == ErrorKind::too_large);
  CHECK(refusal("a: &a [*a]\n").kind() == ErrorKind::too_large);
}

TEST_CASE("yaml: a long flat file is read in good time") {
  std::string text;
  for (int i = 0; i < 40'000; ++i)
    text += fmt::format("key-{}: value\n", i);
  const auto start = std::chrono::steady_clock::now();
  CHECK(read_yaml(text, "f.yml").entries("f").size() == 40'000);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
