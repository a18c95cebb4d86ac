// SPDX-License-Identifier: Apache-2.0
// The classic watchdog's contract, seen from outside: one test a row.
#include "common/base/text.hpp"
#include "tests/watchdog/running_watchdog.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <regex>

using namespace cubeflash;
using namespace cubeflash::test;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  for (const auto& found : split(text, '\n'))
    if (found == line) return true;
  return false;
}

bool is_positive_decimal(const std::string& text) {
  return std::regex_match(text, std::regex("[0-9]+\\.[0-9]{6}"));
}

} // namespace

TEST_CASE("contract: the five verbs reach the handler, others are 405") {
  const RunningWatchdog watchdog("/usr/bin/env");
  for (const std::string verb : {"POST", "PUT", "PATCH", "DELETE", "GET"}) {
    CAPTURE(verb);
    const auto reply =
        watchdog.exchange(verb + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    CHECK(reply.status == 200);
    CHECK(has_line(reply.body, "Http_Method=" + verb));
  }
  for (const std::string verb : {"OPTIONS", "TRACE", "BREW", "post"}) {
    CAPTURE(verb);
    const auto reply = watchdog.exchange(verb + " / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(reply.status == 405);
    CHECK(is_positive_decimal(reply.headers.at("x-duration-seconds")));
  }
  auto client = watchdog.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_reply(true).status == 405);
  CHECK(client.exchange(get("/")).status == 200); // nothing but the next answer follows
}

TEST_CASE("contract: success is 200 with the output, the request's content type and the duration") {
  const RunningWatchdog watchdog("cat");
  const auto reply =
      watchdog.exchange(post("/", "{\"a\":1}", "Content-Type: application/json\r\n"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "{\"a\":1}");
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(is_positive_decimal(reply.headers.at("x-duration-seconds")));
  CHECK_FALSE(reply.headers.contains("x-openfaas-internal"));
  CHECK(watchdog.exchange(post("/", "text")).headers.at("content-type") ==
        "text/plain; charset=utf-8");
}

TEST_CASE("contract: content_type overrides the request's") {
  const RunningWatchdog watchdog("cat", {"content_type=text/csv"});
  CHECK(watchdog.exchange(post("/", "a", "Content-Type: a/b\r\n")).headers.at("content-type") ==
        "text/csv");
  CHECK(watchdog.exchange(get("/")).headers.at("content-type") == "text/csv");
}

TEST_CASE("contract: another exit status is 500, with the status and then the output") {
  const RunningWatchdog watchdog(ugly("fail what 7"));
  const auto reply = watchdog.exchange(get("/"));
  CHECK(reply.status == 500);
  CHECK(reply.body == "exit status 7\nwhat");
  CHECK_FALSE(
      reply.headers.contains("x-openfaas-internal")); // the function failed, not the platform
  CHECK(reply.headers.contains("x-duration-seconds"));
}

TEST_CASE("contract: a signal is 500 and named") {
  CHECK(RunningWatchdog(ugly("die 9")).exchange(get("/")).body == "signal: killed\n");
  CHECK(RunningWatchdog(ugly("die 15")).exchange(get("/")).body == "signal: terminated\n");
}

TEST_CASE("contract: a program that is missing is a warning at the start and 500 at each call") {
  const RunningWatchdog watchdog("no-such-program --flag");
  CHECK(watchdog.was_ready());
  CHECK(watchdog.log().find("Warning: \"no-such-program\"") != std::string::npos);
  for (int i = 0; i < 2; ++i) {
    const auto reply = watchdog.exchange(post("/", std::string(100'000, 'x')));
    CHECK(reply.status == 500);
    CHECK(reply.body == "starting no-such-program: No such file or directory\n");
    CHECK(reply.headers.at("x-openfaas-internal") == "of-watchdog");
  }
}

TEST_CASE("contract: exec_timeout is 408 and the process is gone") {
  const RunningWatchdog watchdog(ugly("stubborn {dir}/pid"), {"exec_timeout=300ms"});
  const auto reply = watchdog.exchange(get("/"));
  CHECK(reply.status == 408);
  CHECK(reply.body == "Killed process.\n");
  CHECK(reply.headers.contains("x-duration-seconds"));
  CHECK(is_gone(read_pid(watchdog.file("pid"))));
}

TEST_CASE("contract: X-Timeout may only lower exec_timeout") {
  const RunningWatchdog limited(ugly("sleep {dir}/pid 600"), {"exec_timeout=5s"});
  CHECK(limited.exchange(get("/", "X-Timeout: 50ms\r\n")).status == 408);
  CHECK(limited.exchange(get("/", "X-Timeout: 1h\r\n")).status == 200);
  CHECK(limited.exchange(get("/", "X-Timeout: nonsense\r\n")).status == 200);
  const RunningWatchdog shorter(ugly("sleep {dir}/pid 20000"), {"exec_timeout=100ms"});
  CHECK(shorter.exchange(get("/", "X-Timeout: 30s\r\n")).status == 408);
  const RunningWatchdog unlimited(ugly("sleep {dir}/pid 20000"));
  CHECK(unlimited.exchange(get("/", "X-Timeout: 100ms\r\n")).status == 408);
}

TEST_CASE("contract: max_inflight is 429 with the body and the header that callers look for") {
  const RunningWatchdog watchdog(ugly("stubborn {dir}/pid"), {"max_inflight=1"});
  auto first = watchdog.connect();
  first.send(get("/"));
  const pid_t pid = read_pid(watchdog.file("pid"));
  const auto reply = watchdog.exchange(post("/", "body"));
  CHECK(reply.status == 429);
  CHECK(reply.body == "Concurrent request limit exceeded. Max concurrent requests: 1\n");
  CHECK(reply.headers.at("content-type") == "text/plain");
  CHECK(reply.headers.at("x-openfaas-internal") == "faas-middleware");
  CHECK(reply.headers.contains("x-duration-seconds"));
  CHECK(watchdog.exchange(get("/_/ready")).status == 429);
  CHECK(watchdog.exchange(get("/_/health")).status == 200);
  ::kill(pid, SIGKILL);
  CHECK(first.read_reply().status == 500);
  CHECK(watchdog.exchange(get("/_/ready")).status == 200);
}

TEST_CASE("contract: the log lines that clients look for") {
  const RunningWatchdog watchdog("cat");
  watchdog.exchange(post("/", "12345"));
  const auto log = watchdog.log();
  const std::string stamp = "(^|\n)[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} ";
  for (const std::string line : {"Version: [^\n]+\tSHA: [^\n]+",
                                 "Timeouts: read: 30s write: 30s hard: 0s health: 30s\\.",
                                 "Listening on unix: [^\n]+",
                                 "Writing lock-file to: [^\n]+",
                                 "Forking fprocess\\.",
                                 "Wrote 5 Bytes - Duration: [0-9]+\\.[0-9]{6}s"}) {
    CAPTURE(line);
    CHECK(std::regex_search(log, std::regex(stamp + line + "\n")));
  }
}

TEST_CASE("contract: the environment has the request, and nothing of ours") {
  const RunningWatchdog watchdog("/usr/bin/env",
                                 {"FOO=bar", "CFLASH_SECRET=1", "Http_Method=inherited"});
  const auto reply =
      watchdog.exchange(post("/p%20q?a=b", "xyz", "X-Call-id: 17\r\nX-Call-Id: 18\r\n"));
  for (const auto* line : {"FOO=bar",
                           "Http_X_Call_Id=17",
                           "Http_Method=POST",
                           "Http_ContentLength=3",
                           "Http_Content_Length=3",
                           "Http_Query=a=b",
                           "Http_Path=/p q",
                           "Http_Host=example",
                           "fprocess=/usr/bin/env"}) {
    CAPTURE(line);
    CHECK(has_line(reply.body, line));
  }
  CHECK(reply.body.find("CFLASH_") == std::string::npos);
  CHECK(reply.body.find("Http_Transfer_Encoding") == std::string::npos);
  CHECK(reply.body.find("inherited") == std::string::npos);
}

TEST_CASE("contract: cgi_headers=false leaves the watchdog's environment alone") {
  const RunningWatchdog watchdog("/usr/bin/env", {"FOO=bar", "cgi_headers=false"});
  const auto reply = watchdog.exchange(get("/?a=b"));
  CHECK(has_line(reply.body, "FOO=bar"));
  CHECK(reply.body.find("Http_") == std::string::npos);
  CHECK(reply.body.find("CFLASH_") == std::string::npos);
}

TEST_CASE("contract: marshal_request puts header and body into one document") {
  const RunningWatchdog watchdog("cat", {"marshal_request=true"});
  CHECK(watchdog.exchange(post("/", "hello", "X-A: 1\r\n")).body ==
        R"({"header":{"Content-Length":["5"],"X-A":["1"]},"body":{"raw":"aGVsbG8="}})");
  CHECK(watchdog.exchange(get("/")).body == R"({"header":{},"body":{"raw":""}})");
}

TEST_CASE("contract: combine_output decides where stderr goes") {
  const RunningWatchdog combined(ugly("long-error 3"));
  CHECK(combined.exchange(get("/")).body == "eee\nshort\nlastok");
  const RunningWatchdog apart(ugly("long-error 3"), {"combine_output=false"});
  CHECK(apart.exchange(get("/")).body == "ok");
  const auto log = apart.log();
  for (const auto* line : {" stderr: eee\n", " stderr: short\n", " stderr: last\n"}) {
    CAPTURE(line);
    CHECK(log.find(line) != std::string::npos);
  }
}

TEST_CASE("contract: write_debug prints the output and no byte count") {
  const RunningWatchdog watchdog("cat", {"write_debug=true"});
  CHECK(watchdog.exchange(post("/", "printed")).body == "printed");
  CHECK(watchdog.output() == "printed");
  CHECK(std::regex_search(watchdog.log(), std::regex(" Duration: [0-9.]+s\n")));
  CHECK(watchdog.log().find("Wrote ") == std::string::npos);
}

TEST_CASE("contract: debug_headers prints both sides") {
  const RunningWatchdog watchdog("cat", {"debug_headers=true"});
  watchdog.exchange(get("/", "X-Mark: seen\r\n"));
  CHECK(watchdog.log().find("[in] X-Mark=seen\n") != std::string::npos);
  CHECK(watchdog.log().find("[out] HTTP/1.1 200 OK\n") != std::string::npos);
}

TEST_CASE("contract: health follows the lock file") {
  const RunningWatchdog watchdog("cat");
  for (const std::string path : {"/_/health", "/_/ready"}) {
    CAPTURE(path);
    const auto reply = watchdog.exchange(get(path));
    CHECK(reply.status == 200);
    CHECK(reply.body == "OK");
    CHECK(reply.headers.contains("x-duration-seconds"));
    CHECK(watchdog.exchange(post(path, "")).status == 405);
  }
  CHECK(std::filesystem::remove(watchdog.file(".lock")));
  CHECK(watchdog.exchange(get("/_/health")).status == 503);
  CHECK(watchdog.exchange(get("/_/ready")).status == 503);
  CHECK(watchdog.exchange(post("/", "still works")).body == "still works");
}

TEST_CASE("contract: the same over TCP") {
  const RunningWatchdog watchdog("cat", {}, true);
  CHECK(std::regex_search(watchdog.log(), std::regex("Listening on port: [1-9][0-9]*\n")));
  auto client = watchdog.connect();
  CHECK(client.exchange(post("/", "one")).body == "one");
  CHECK(client.exchange(get("/_/health")).body == "OK");
  CHECK(client.exchange(post("/", std::string(500'000, 'z'))).body_size == 500'000);
}
