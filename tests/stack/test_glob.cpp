// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/glob.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using cubeflash::cli::Glob;

TEST_CASE("glob: matches whole texts") {
  struct Row {
    const char* pattern;
    const char* text;
    bool matches;
  };

  const Row rows[] = {{"abc", "abc", true},    {"abc", "abcd", false},    {"abc", "ab", false},
                      {"*", "", true},         {"*", "a/b", true},        {"", "", true},
                      {"", "a", false},        {"a*c", "ac", true},       {"a*c", "abbc", true},
                      {"a*c", "abcb", false},  {"**a**", "a", true},      {"?", "a", true},
                      {"?", "\xC3\xBC", true}, {"??", "\xC3\xBC", false}, {"?", "", false},
                      {"[a-c]x", "bx", true},  {"[a-c]x", "dx", false},   {"[^a-c]", "d", true},
                      {"[!a]", "a", false},    {"[]]", "]", true},        {"\\*", "*", true},
                      {"\\*", "a", false},     {"a\\", "a\\", true},      {"[a-]", "-", true}};
  for (const auto& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(Glob::parse(row.pattern)->matches(row.text) == row.matches);
  }
}

TEST_CASE("glob: with only the star special, everything else stands for itself") {
  CHECK(Glob::parse("a?[b]*", true)->matches("a?[b]xyz"));
  CHECK_FALSE(Glob::parse("a?", true)->matches("ab"));
  CHECK(Glob::parse("[", true)->matches("["));
  CHECK(Glob::parse("\\*", true)->matches("\\x"));
}

TEST_CASE("glob: a bracket that is not closed is no pattern") {
  CHECK_FALSE(Glob::parse("[abc"));
  CHECK_FALSE(Glob::parse("[]"));
  CHECK_FALSE(Glob::parse("["));
}

TEST_CASE("glob: measures the shortest and the longest match at either end") {
  using enum Glob::Reach;
  const auto slash = Glob::parse("*/");
  CHECK(slash->prefix("a/b/c", shortest) == 2);
  CHECK(slash->prefix("a/b/c", longest) == 4);
  const auto dot = Glob::parse(".*");
  CHECK(dot->suffix("c.tar.gz", shortest) == 3);
  CHECK(dot->suffix("c.tar.gz", longest) == 7);
  CHECK(dot->suffix("none", longest) == 0);
  CHECK(Glob::parse("?")->prefix("\xC3\xBCx", shortest) == 2);
}

TEST_CASE("glob: no pattern takes exponential time") {
  std::string pattern;
  for (int i = 0; i < 60; ++i)
    pattern += "a*";
  pattern += "b";
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(Glob::parse(pattern)->matches(std::string(20'000, 'a')));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
