// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/message.hpp"
#include "daemon/http/target.hpp"

#include <doctest/doctest.h>

using namespace cubeflash::daemon;

TEST_CASE("target: path and query are split and kept byte for byte") {
  struct Row {
    const char* raw;
    const char* path;
    const char* query;
  };

  for (const Row& row : {Row{"/", "/", ""},
                         Row{"/a?", "/a", "?"},
                         Row{"/a?b=c?d", "/a", "?b=c?d"},
                         Row{"/a%2Fb//c", "/a%2Fb//c", ""},
                         Row{"*", "*", ""},
                         Row{"http://host:80/x?y", "/x", "?y"},
                         Row{"HTTP://host", "/", ""},
                         Row{"http://host?q", "/", "?q"}}) {
    CAPTURE(row.raw);
    const auto target = split_target(row.raw);
    REQUIRE(target);
    CHECK(target->path == row.path);
    CHECK(target->query == row.query);
  }
}

TEST_CASE("target: what is neither a path nor an absolute URL is refused") {
  for (const char* raw : {"", "host:443", "a/b", "ftp://host/x", "**"}) {
    CAPTURE(raw);
    CHECK_FALSE(split_target(raw));
  }
}

TEST_CASE("target: a function's name is the segment after the prefix, the rest is at least /") {
  struct Row {
    const char* path;
    const char* name;
    const char* rest;
  };

  for (const Row& row : {Row{"/function/f", "f", "/"},
                         Row{"/function/f/", "f", "/"},
                         Row{"/function/f.openfaas-fn/a/b%20c", "f.openfaas-fn", "/a/b%20c"},
                         Row{"/function/f//x", "f", "//x"},
                         Row{"/function/", "", "/"},
                         Row{"/function/.openfaas-fn", ".openfaas-fn", "/"},
                         Row{"/function//x", "", "/x"}}) {
    CAPTURE(row.path);
    const auto target = function_target(row.path);
    REQUIRE(target);
    CHECK(target->name == row.name);
    CHECK(target->rest == row.rest);
  }
  for (const char* path : {"/", "/function", "/functions/f", "/system/functions", "/Function/f"}) {
    CAPTURE(path);
    CHECK_FALSE(function_target(path));
  }
}

TEST_CASE("percent-decoding: whole escapes only, and no NUL") {
  CHECK(percent_decode("a%20b%2fC%C3%A4") == "a b/C\xC3\xA4");
  CHECK(percent_decode("a+b") == "a+b");
  CHECK(percent_decode("a+b", true) == "a b");
  for (const char* text : {"%", "%1", "abc%", "%g0", "%0g", "%00", "x%00y"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decode(text));
  }
}

TEST_CASE("query: parameters in order, decoded, the last of a name counts") {
  Request request;
  request.query = parse_query("?name=a%26b&tail=1&&flag&tail=2&x=").value();
  REQUIRE(request.query.size() == 5);
  CHECK(request.query[0] == std::pair<std::string, std::string>("name", "a&b"));
  CHECK(request.query_value("tail") == "2");
  CHECK(request.query_value("flag").empty());
  CHECK(request.query_value("absent").empty());
  CHECK_FALSE(parse_query("?a=%zz"));
  CHECK(parse_query("")->empty());
}
