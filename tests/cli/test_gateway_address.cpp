// SPDX-License-Identifier: Apache-2.0
#include "cli/gateway_address.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using namespace cubeflash;
using namespace cubeflash::cli;
using Source = GatewayAddress::Source;

namespace {

struct Row {
  const char* name;
  const char* flag;
  const char* file;
  std::map<std::string, std::string> environment;
  const char* running; // nullptr: no daemon
  const char* url;
  Source source;
};

GatewayAddress choose(const Row& row) {
  return choose_gateway(
      {.flag = row.flag,
       .file = row.file,
       .environment = [&](const char* name) -> std::optional<std::string> {
         const auto found = row.environment.find(name);
         return found == row.environment.end() ? std::nullopt : std::optional(found->second);
       },
       .running_daemon =
           row.running == nullptr ? std::nullopt : std::optional<std::string>(row.running)});
}

} // namespace

TEST_CASE(
    "choose_gateway: the first of flag, file, environment, running daemon and default counts") {
  const std::map<std::string, std::string> both{{"CFLASH_URL", "http://c:1"},
                                                {"OPENFAAS_URL", "http://o:1"}};
  const std::vector<Row> rows{
      {"flag over all",
       "http://f:1",
       "http://y:1",
       both,
       "http://127.0.0.1:9",
       "http://f:1",
       Source::flag},
      {"a flag that equals the default is still a choice",
       "http://127.0.0.1:8080",
       "http://y:1",
       both,
       nullptr,
       "http://127.0.0.1:8080",
       Source::flag},
      {"file over environment",
       "",
       "http://y:1",
       both,
       "http://127.0.0.1:9",
       "http://y:1",
       Source::file},
      {"the default written in the file does not count",
       "",
       "http://127.0.0.1:8080",
       both,
       nullptr,
       "http://c:1",
       Source::environment},
      {"nor with a trailing slash",
       "",
       "http://127.0.0.1:8080/",
       both,
       nullptr,
       "http://c:1",
       Source::environment},
      {"CFLASH_URL over OPENFAAS_URL", "", "", both, nullptr, "http://c:1", Source::environment},
      {"OPENFAAS_URL alone",
       "",
       "",
       {{"OPENFAAS_URL", "http://o:1"}},
       "http://127.0.0.1:9",
       "http://o:1",
       Source::environment},
      {"the running daemon",
       "",
       "http://127.0.0.1:8080",
       {},
       "http://127.0.0.1:9",
       "http://127.0.0.1:9",
       Source::running_daemon},
      {"the default", "", "", {}, nullptr, "http://127.0.0.1:8080", Source::fallback},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto chosen = choose(row);
    CHECK(chosen.url == row.url);
    CHECK(chosen.source == row.source);
  }
}

TEST_CASE("normalise_gateway: lower case, one slash trimmed, http:// in front of host:port") {
  CHECK(normalise_gateway("HTTP://Gateway.Example.com:8080/") == "http://gateway.example.com:8080");
  CHECK(normalise_gateway("127.0.0.1:9090") == "http://127.0.0.1:9090");
  CHECK(normalise_gateway(" https://h/base/ ") == "https://h/base");
  CHECK(normalise_gateway("http://h//") == "http://h/");
}

TEST_CASE("normalise_gateway: what is no address is refused") {
  for (const char* text : {"ftp://h",
                           "http://",
                           "http://h:port",
                           "http://a b",
                           "http://h/?q",
                           "/",
                           "http://h:99999999"}) {
    CAPTURE(text);
    const auto error = error_of([&] { normalise_gateway(text); });
    CHECK(error.thrown);
    CHECK(error.kind == ErrorKind::invalid);
  }
}

TEST_CASE("choose_gateway: a broken address in the environment names the variable") {
  const auto error = error_of([] {
    choose_gateway(
        {.flag = "",
         .file = "",
         .environment = [](const char*) { return std::optional<std::string>("ftp://x"); },
         .running_daemon = {}});
  });
  CHECK(error.says("CFLASH_URL"));
}

TEST_CASE("is_local_gateway: 127.0.0.0/8, ::1 and localhost, and nothing that looks like them") {
  for (const char* url : {"http://127.0.0.1:8080",
                          "http://127.9.9.9",
                          "http://localhost:1",
                          "http://[::1]:8080",
                          "https://LOCALHOST"})
    CHECK_MESSAGE(is_local_gateway(url), url);
  for (const char* url : {"http://127.0.0.1.evil.example",
                          "http://localhost.example",
                          "http://10.0.0.1",
                          "http://127.0.0.1@evil.example",
                          "http://[::2]"})
    CHECK_FALSE_MESSAGE(is_local_gateway(url), url);
}
