// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "watchdog/config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace cubeflash;
using namespace cubeflash::watchdog;

namespace {

Config with(std::vector<std::string> variables) {
  variables.insert(variables.begin(), "fprocess=cat");
  return read_config(variables);
}

} // namespace

TEST_CASE("config: defaults are the classic watchdog's") {
  const auto config = with({});
  CHECK(config.port == 8080);
  CHECK(config.read_timeout == milliseconds(30'000));
  CHECK(config.write_timeout == milliseconds(30'000));
  CHECK(config.exec_timeout == milliseconds(0));
  CHECK(config.healthcheck_interval == milliseconds(30'000));
  CHECK(config.combine_output);
  CHECK(config.cgi_headers);
  CHECK_FALSE(config.marshal_request);
  CHECK_FALSE(config.write_debug);
  CHECK_FALSE(config.debug_headers);
  CHECK_FALSE(config.suppress_lock);
  CHECK(config.content_type.empty());
  CHECK(config.max_inflight == 0);
  CHECK(config.max_output == 1024U * 1024U * 1024U);
  CHECK(config.lock_path() == "/tmp/.lock");
  CHECK(config.unix_path.empty());
  CHECK(config.ready_fd == -1);
}

TEST_CASE("config: each variable is read as upstream reads it") {
  struct Row {
    const char* variable;
    std::function<bool(const Config&)> holds;
  };

  const std::vector<Row> rows{
      {"port=9000", [](const Config& c) { return c.port == 9000; }},
      {"port=-1", [](const Config& c) { return c.port == 8080; }},
      {"port=99999", [](const Config& c) { return c.port == 8080; }},
      {"port=x", [](const Config& c) { return c.port == 8080; }},
      {"read_timeout=5", [](const Config& c) { return c.read_timeout == milliseconds(5000); }},
      {"read_timeout=250ms", [](const Config& c) { return c.read_timeout == milliseconds(250); }},
      {"read_timeout=nonsense",
       [](const Config& c) { return c.read_timeout == milliseconds(30'000); }},
      {"read_timeout=-5", [](const Config& c) { return c.read_timeout == milliseconds(30'000); }},
      {"write_timeout=1m5s",
       [](const Config& c) { return c.write_timeout == milliseconds(65'000); }},
      {"write_timeout=7s",
       [](const Config& c) { return c.healthcheck_interval == milliseconds(7000); }},
      {"healthcheck_interval=0",
       [](const Config& c) { return c.healthcheck_interval == milliseconds(0); }},
      {"exec_timeout=2s", [](const Config& c) { return c.exec_timeout == milliseconds(2000); }},
      {"combine_output=false", [](const Config& c) { return !c.combine_output; }},
      {"combine_output=", [](const Config& c) { return c.combine_output; }},
      {"combine_output=1", [](const Config& c) { return !c.combine_output; }},
      {"combine_output=true", [](const Config& c) { return c.combine_output; }},
      {"cgi_headers=no", [](const Config& c) { return !c.cgi_headers; }},
      {"marshal_request=true", [](const Config& c) { return c.marshal_request; }},
      {"marshal_request=TRUE", [](const Config& c) { return !c.marshal_request; }},
      {"marshal_request=1", [](const Config& c) { return !c.marshal_request; }},
      {"write_debug=true", [](const Config& c) { return c.write_debug; }},
      {"debug_headers=true", [](const Config& c) { return c.debug_headers; }},
      {"suppress_lock=true", [](const Config& c) { return c.suppress_lock; }},
      {"content_type=image/png", [](const Config& c) { return c.content_type == "image/png"; }},
      {"max_inflight=3", [](const Config& c) { return c.max_inflight == 3; }},
      {"max_inflight=-3", [](const Config& c) { return c.max_inflight == 0; }},
      {"max_output=4096", [](const Config& c) { return c.max_output == 4096; }},
      {"max_output=2Mi", [](const Config& c) { return c.max_output == 2U * 1024 * 1024; }},
      {"max_output=0", [](const Config& c) { return c.max_output == 1024U * 1024 * 1024; }},
      {"TMPDIR=/var/run", [](const Config& c) { return c.lock_path() == "/var/run/.lock"; }},
      {"CFLASH_LISTEN=unix:/run/x", [](const Config& c) { return c.unix_path == "/run/x"; }},
      {"CFLASH_READY_FD=5", [](const Config& c) { return c.ready_fd == 5; }},
      {"mode=fork", [](const Config& c) { return c.mode == Mode::fork; }},
      {"jwt_auth=false", [](const Config& c) { return c.mode == Mode::fork; }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.variable);
    CHECK(row.holds(with({row.variable})));
  }
}

TEST_CASE("config: fprocess is split at every single blank, without quoting") {
  const auto process = read_config({"fprocess=sh  -c 'a b'"}).process;
  CHECK(process == std::vector<std::string>{"sh", "", "-c", "'a", "b'"});
}

TEST_CASE("config: nothing of CFLASH_ reaches the handler, everything else does") {
  const auto environment = with({"CFLASH_LISTEN=unix:/x", "CFLASH_OTHER=1", "FOO=bar"}).environment;
  CHECK(environment == std::vector<std::string>{"fprocess=cat", "FOO=bar"});
}

TEST_CASE("config: what would be unsafe or useless is refused") {
  CHECK_THROWS_AS(read_config({}), Error);
  CHECK_THROWS_AS(read_config({"fprocess="}), Error);
  for (const auto* variable : {"mode=http",
                               "mode=streaming",
                               "mode=bogus",
                               "jwt_auth=true",
                               "CFLASH_LISTEN=tcp:1",
                               "CFLASH_LISTEN=unix:",
                               "CFLASH_READY_FD=1",
                               "CFLASH_READY_FD=x",
                               "content_type=a\nb: c"}) {
    CAPTURE(variable);
    CHECK_THROWS_AS(with({variable}), Error);
  }
}
