// SPDX-License-Identifier: Apache-2.0
#include "common/base/text.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <set>

using namespace cubeflash;

using Texts = std::vector<std::string>;

TEST_CASE("split: keeps empty parts") {
  CHECK(split("a::b", ':') == Texts{"a", "", "b"});
  CHECK(split("", ':') == Texts{""});
  CHECK(split(":", ':') == Texts{"", ""});
  CHECK(split("abc", ':') == Texts{"abc"});
}

TEST_CASE("trim: takes blanks and line breaks off both ends only") {
  CHECK(trim(" \t\r\na b\n ") == "a b");
  CHECK(trim("").empty());
  CHECK(trim(" \n ").empty());
}

TEST_CASE("to_lower and iequals: ASCII only, whatever the locale") {
  CHECK(to_lower("X-Call-Id") == "x-call-id");
  CHECK(to_lower("ÄÖ") == "ÄÖ");
  CHECK(iequals("Content-Type", "content-tYPE"));
  CHECK_FALSE(iequals("a", "ab"));
  CHECK_FALSE(iequals("[", "{")); // differ in the same bit as letters do
  CHECK(iequals("", ""));
}

TEST_CASE("parse_integer: the whole text or nothing") {
  CHECK(parse_integer<int>("42") == 42);
  CHECK(parse_integer<int>("-7") == -7);
  CHECK(parse_integer<std::uint16_t>("65535") == 65535);
  CHECK_FALSE(parse_integer<std::uint16_t>("65536"));
  CHECK_FALSE(parse_integer<std::uint16_t>("-1"));
  for (const char* text :
       {"", " 1", "1 ", "+1", "1.0", "0x1", "1e3", "abc", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_integer<int>(text));
  }
}

TEST_CASE("nearest: finds slips, not other words") {
  const Texts keys{"handler", "image", "lang", "labels", "limits"};
  CHECK(nearest("handlr", keys) == "handler");
  CHECK(nearest("Handler", keys) == "handler");
  CHECK(nearest("lables", keys) == "labels");
  CHECK_FALSE(nearest("replicas", keys));
  CHECK_FALSE(nearest("", keys));
  CHECK_FALSE(nearest("x", {}));
  CHECK(did_you_mean("imge", keys) == "; did you mean \"image\"?");
  CHECK(did_you_mean("zzzz", keys).empty());
}

TEST_CASE("nearest: of several candidates the nearest wins") {
  CHECK(nearest("deplyo", {"destroy", "deploy"}) == "deploy");
  CHECK(nearest("list", {"lost", "list"}) == "list");
}

TEST_CASE("dns label: as RFC 1123 has it") {
  for (const std::string& text :
       Texts{"a", "a1", "1a", "hello-world", "a--b", std::string(63, 'x')}) {
    CAPTURE(text);
    CHECK(is_dns_label(text));
  }
  for (const std::string& text :
       Texts{"", "-", "-a", "a-", "A", "a_b", "a.b", "a b", "ä", "a\n", std::string(64, 'x')}) {
    CAPTURE(text);
    CHECK_FALSE(is_dns_label(text));
  }
  CHECK_FALSE(is_dns_label(std::string_view("a\0b", 3)));
}

TEST_CASE("random_hex: of the length asked for, and never the same") {
  CHECK(random_hex(0).empty());
  CHECK(random_hex(1000).size() == 2000);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(random_hex(16));
  CHECK(seen.size() == 1000);
  CHECK(random_hex(64).find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("constant_time_equal: is an equality") {
  CHECK(constant_time_equal("secret", "secret"));
  CHECK(constant_time_equal("", ""));
  CHECK_FALSE(constant_time_equal("secret", "secreT"));
  CHECK_FALSE(constant_time_equal("Secret", "secret"));
  CHECK_FALSE(constant_time_equal("secret", "secre"));
  CHECK_FALSE(constant_time_equal("", "x"));
  CHECK_FALSE(constant_time_equal(std::string_view("\0a", 2), std::string_view("\0b", 2)));
}
