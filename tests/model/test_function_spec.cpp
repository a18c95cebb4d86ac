// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/model/function_spec.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace cubeflash;
using namespace std::chrono_literals;

namespace {

FunctionSpec valid_spec() {
  FunctionSpec spec;
  spec.name.name = "hello";
  spec.image = "hello:latest";
  return spec;
}

struct Row {
  const char* name;
  std::function<void(FunctionSpec&)> change;
  ErrorKind kind;
  const char* words;
};

} // namespace

TEST_CASE("function name: is split at the last dot, and never refused") {
  const std::pair<const char*, FunctionName> rows[] = {{"hello", {"hello", "openfaas-fn"}},
                                                       {"hello.dev", {"hello", "dev"}},
                                                       {"a.b.c", {"a.b", "c"}},
                                                       {".openfaas-fn", {"", "openfaas-fn"}},
                                                       {"hello.", {"hello", ""}},
                                                       {"", {"", "openfaas-fn"}}};
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    CHECK(FunctionName::parse(text) == expected);
  }
}

TEST_CASE("function name: the full and the brief form name the same function") {
  const FunctionName plain{"hello"};
  const FunctionName spaced{"hello", "dev"};
  CHECK(plain.full() == "hello.openfaas-fn");
  CHECK(plain.brief() == "hello");
  CHECK(spaced.brief() == "hello.dev");
  CHECK(FunctionName::parse(plain.brief()) == plain);
  CHECK(FunctionName::parse(plain.full()) == plain);
  CHECK(FunctionName::parse(spaced.full()) == spaced);
}

TEST_CASE("validate: accepts a minimal and a full specification") {
  CHECK_NOTHROW(validate(valid_spec()));
  FunctionSpec spec = valid_spec();
  spec.environment = {{"PORT", "8080"}, {"EMPTY", ""}, {"with space", "x=y"}};
  spec.limits = {"128Mi", "100m"};
  spec.requests = {"64M", "0.1"};
  spec.mode = "fork";
  spec.timeout = 1ms;
  spec.concurrency = 100'000;
  CHECK_NOTHROW(validate(spec));
}

TEST_CASE("validate: accepts the tiny limits that clients test with") {
  FunctionSpec spec = valid_spec();
  spec.limits = {"5Mi", "1m"};
  CHECK_NOTHROW(validate(spec));
}

TEST_CASE("validate: names the first thing that is wrong") {
  const std::vector<Row> rows{
      {"empty name",
       [](auto& s) { s.name.name = ""; },
       ErrorKind::invalid,
       "function name is empty"},
      {"upper case",
       [](auto& s) { s.name.name = "Hello"; },
       ErrorKind::invalid,
       "function name \"Hello\" is not valid"},
      {"path",
       [](auto& s) { s.name.name = "../x"; },
       ErrorKind::invalid,
       "function name \"../x\" is not valid"},
      {"namespace",
       [](auto& s) { s.name.space = "a b"; },
       ErrorKind::invalid,
       "namespace \"a b\" is not valid"},
      {"empty namespace",
       [](auto& s) { s.name.space = ""; },
       ErrorKind::invalid,
       "namespace is empty"},
      {"no image", [](auto& s) { s.image = ""; }, ErrorKind::invalid, "image is missing"},
      {"memory",
       [](auto& s) { s.limits.memory = "128MB"; },
       ErrorKind::invalid,
       "limits.memory: \"128MB\" is not a quantity"},
      {"cpu",
       [](auto& s) { s.requests.cpu = "-1"; },
       ErrorKind::invalid,
       "requests.cpu: \"-1\" is not a quantity"},
      {"environment name",
       [](auto& s) { s.environment["a=b"] = "c"; },
       ErrorKind::invalid,
       "environment: \"a=b\" is not a variable's name"},
      {"no environment name",
       [](auto& s) { s.environment[""] = "c"; },
       ErrorKind::invalid,
       "environment: \"\" is not a variable's name"},
      {"NUL in a value",
       [](auto& s) { s.environment["A"] = std::string("x\0y", 3); },
       ErrorKind::invalid,
       "environment: A has a NUL byte"},
      {"mode of later",
       [](auto& s) { s.mode = "zygote"; },
       ErrorKind::unsupported,
       "mode: zygote is not supported yet"},
      {"mode slip",
       [](auto& s) { s.mode = "frok"; },
       ErrorKind::invalid,
       "mode: \"frok\" is not a mode"},
      {"timeout",
       [](auto& s) { s.timeout = 0ms; },
       ErrorKind::invalid,
       "timeout must be longer than 0"},
      {"no concurrency",
       [](auto& s) { s.concurrency = 0; },
       ErrorKind::invalid,
       "concurrency must be from 1 to 100000"},
      {"concurrency",
       [](auto& s) { s.concurrency = 100'001; },
       ErrorKind::invalid,
       "concurrency must be from 1 to 100000"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    FunctionSpec spec = valid_spec();
    row.change(spec);
    try {
      validate(spec);
      FAIL("was accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == row.kind);
      CHECK(std::string(error.what()).starts_with(row.words));
    }
  }
}

TEST_CASE("validate: every mode but fork is known and not built yet") {
  for (const auto& mode : watchdog_modes()) {
    CAPTURE(mode);
    FunctionSpec spec = valid_spec();
    spec.mode = mode;
    if (mode == "fork")
      CHECK_NOTHROW(validate(spec));
    else
      CHECK_THROWS_AS(validate(spec), Error);
  }
}

TEST_CASE("validate_name: a name of any length makes a message of bounded length") {
  try {
    validate_name(std::string(100'000, 'x'), "function name");
    FAIL("was accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).size() < 200);
    CHECK_FALSE(error.hint().empty());
  }
}
