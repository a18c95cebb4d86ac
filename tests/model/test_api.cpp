// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/model/api.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cubeflash;
using nlohmann::json;

TEST_CASE("scale request: names its fields as the contract does") {
  CHECK(to_json(ScaleRequest{"fn", "dev", 3}) ==
        json::parse(R"({"serviceName":"fn","namespace":"dev","replicas":3})"));
  const auto request = scale_request_from_json(json::parse(R"({"replicas":0})"));
  CHECK(request.name.empty());
  CHECK(request.space.empty());
  CHECK(request.replicas == 0);
}

TEST_CASE("scale request: a missing or wrong number does not scale to zero by accident") {
  for (const char* text : {"{}",
                           R"({"replicas":null})",
                           R"({"replicas":-1})",
                           R"({"replicas":"3"})",
                           R"({"replicas":1.5})"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(scale_request_from_json(json::parse(text)),
                         "replicas: expected a whole number of 0 or more",
                         Error);
  }
}

TEST_CASE("delete request: names its fields as the contract does") {
  CHECK(to_json(DeleteRequest{"fn", ""}) == json::parse(R"({"functionName":"fn"})"));
  const auto request =
      delete_request_from_json(json::parse(R"({"functionName":"fn","namespace":"dev"})"));
  CHECK(request.name == "fn");
  CHECK(request.space == "dev");
}

TEST_CASE("log line: comes back as it went") {
  const LogLine line{{"fn", "dev"}, "fn-1", "2026-01-02T03:04:05.000000001Z", "Forking fprocess"};
  CHECK(to_json(line) == json::parse(R"({"name":"fn","namespace":"dev","instance":"fn-1",
      "timestamp":"2026-01-02T03:04:05.000000001Z","text":"Forking fprocess"})"));
  const auto back = log_line_from_json(to_json(line));
  CHECK(back.function == line.function);
  CHECK(back.text == line.text);
  CHECK(back.instance == line.instance);
  CHECK(back.timestamp == line.timestamp);
}

TEST_CASE("log line: bytes that are no UTF-8 still make a line of JSON") {
  const LogLine line{{"fn"}, "i", "t", "a\xFF\xFE\nb"};
  const auto text = dump_json(to_json(line));
  CHECK(text.find('\n') == std::string::npos);
  CHECK(log_line_from_json(parse_json(text)).text == "a\xEF\xBF\xBD\xEF\xBF\xBD\nb");
}

TEST_CASE("system info: every object is there and every string says something") {
  const json value = to_json(SystemInfo{});
  for (const char* pointer : {"/provider/provider",
                              "/provider/orchestration",
                              "/provider/version/sha",
                              "/provider/version/release",
                              "/provider/version/commit_message",
                              "/version/sha",
                              "/version/release",
                              "/version/commit_message",
                              "/arch"}) {
    CAPTURE(pointer);
    CHECK_FALSE(value.at(json::json_pointer(pointer)).get<std::string>().empty());
  }
}

TEST_CASE("system info: comes back as it went, and reads another gateway's") {
  const auto info = system_info_from_json(to_json(SystemInfo{"0.1.0", "abc", "local", "x86_64"}));
  CHECK(info.version == "0.1.0");
  CHECK(info.commit == "abc");
  CHECK(info.engine == "local");
  CHECK(info.arch == "x86_64");
  const auto other = system_info_from_json(json::parse(
      R"({"provider":{"name":"faasd","orchestration":"containerd"},"version":{"release":"0.27.12","sha":"y"}})"));
  CHECK(other.version == "0.27.12");
  CHECK(other.engine.empty());
}

TEST_CASE("parse_json: says at which byte the text stops making sense") {
  const std::pair<const char*, const char*> rows[] = {{"", "not valid JSON at byte 1"},
                                                      {"{", "not valid JSON at byte 2"},
                                                      {"{\"a\":}", "not valid JSON at byte 6"},
                                                      {"{} x", "not valid JSON at byte 4"},
                                                      {"nul", "not valid JSON at byte 4"},
                                                      {"\"\xFF\"", "not valid JSON at byte 2"}};
  for (const auto& [text, words] : rows) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(parse_json(text), doctest::Contains(words), Error);
  }
}

TEST_CASE("parse_json: nesting is bounded") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK_NOTHROW(parse_json(nested(60)));
  CHECK_THROWS_WITH_AS(parse_json(nested(70)), "JSON is nested more than 64 levels deep", Error);
  CHECK_THROWS_AS(parse_json(std::string(10'000'000, '[')), Error);
}

TEST_CASE("parse_json: a huge token makes a message of bounded length") {
  try {
    parse_json("\"" + std::string(1'000'000, 'x'));
    FAIL("was accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).size() < 400);
  }
}

TEST_CASE("parse_json: a number out of range is an error of ours") {
  CHECK_THROWS_AS(parse_json("1e999"), Error);
}
