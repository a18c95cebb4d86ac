// SPDX-License-Identifier: Apache-2.0
// Handlers and clients that misbehave: the answer comes, nothing stays behind, memory stays
// bounded.
#include "tests/watchdog/running_watchdog.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>

using namespace cubeflash;
using namespace cubeflash::test;

namespace {

constexpr long kMostMemoryKib = 8 * 1024;

void check_memory(const RunningWatchdog& watchdog) {
  if (is_sanitized()) return;
  CHECK(status_kib(watchdog.pid(), "VmHWM") < kMostMemoryKib);
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

} // namespace

TEST_CASE("ugly: a handler that never reads gets its answer through, whatever the body's size") {
  const RunningWatchdog watchdog(ugly("say unread"));
  auto client = watchdog.connect();
  for (const std::size_t size : {std::size_t(0), std::size_t(10), std::size_t(5'000'000)}) {
    CAPTURE(size);
    const auto reply = client.exchange(post("/", std::string(size, 'x')));
    CHECK(reply.status == 200);
    CHECK(reply.body == "unread");
  }
}

TEST_CASE("ugly: a handler that closes its stdin early goes on") {
  const RunningWatchdog watchdog(ugly("close-input"));
  const auto reply = watchdog.exchange(post("/", std::string(3'000'000, 'x')));
  CHECK(reply.status == 200);
  CHECK(reply.body == "closed my input");
}

TEST_CASE("ugly: a handler that closes its stdout is waited for") {
  const RunningWatchdog watchdog(ugly("close-output"));
  const auto reply = watchdog.exchange(post("/", "x"));
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(std::stod(reply.headers.at("x-duration-seconds")) >= 0.3);
}

TEST_CASE("ugly: a gigabyte of output is answered from bounded memory") {
  const RunningWatchdog watchdog(ugly("flood 1000000000"), {"write_timeout=3m"});
  const auto reply = watchdog.exchange(get("/"));
  CHECK(reply.status == 200);
  CHECK(reply.body_size == 1'000'000'000);
  CHECK(watchdog.log().find("Wrote 1000000000 Bytes") != std::string::npos);
  check_memory(watchdog);
}

TEST_CASE("ugly: output beyond max_output is a clear 500") {
  const RunningWatchdog watchdog(ugly("flood 100000000"), {"max_output=1000000"});
  auto client = watchdog.connect();
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.exchange(get("/"));
    CHECK(reply.status == 500);
    CHECK(reply.body == "output limit of 1000000 bytes exceeded\n");
    CHECK(reply.headers.at("x-openfaas-internal") == "of-watchdog");
  }
  CHECK(children_of(watchdog.pid()).empty());
}

TEST_CASE("ugly: a large upload passes through bounded memory, unchanged") {
  const RunningWatchdog watchdog(ugly("digest"), {"read_timeout=3m", "write_timeout=3m"});
  constexpr std::size_t kSize = 100'000'000;
  auto client = watchdog.connect();
  std::uint64_t hash = 14695981039346656037ULL;
  SUBCASE("with a length") {
    client.send(fmt::format("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", kSize));
    std::string block(100'000, '\0');
    for (std::size_t sent = 0; sent < kSize; sent += block.size()) {
      for (std::size_t i = 0; i < block.size(); i += 97)
        block[i] = static_cast<char>(sent / block.size() + i);
      hash = fnv1a(block, hash);
      client.send(block);
    }
  }
  SUBCASE("chunked") {
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string block(100'000, 'c');
    for (std::size_t sent = 0; sent < kSize; sent += block.size()) {
      hash = fnv1a(block, hash);
      client.send(fmt::format("{:x}\r\n{}\r\n", block.size(), block));
    }
    client.send("0\r\n\r\n");
  }
  const auto reply = client.read_reply();
  CHECK(reply.status == 200);
  CHECK(reply.body == fmt::format("{} {}", kSize, hash));
  check_memory(watchdog);
}

TEST_CASE("ugly: a child that outlives the handler and holds its stdout does not hold the answer") {
  const RunningWatchdog watchdog(ugly("leave-child {dir}/pid"));
  const auto reply = watchdog.exchange(get("/"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "parent done");
  const pid_t pid = read_pid(watchdog.file("pid"));
  CHECK(wait_until([&] { return is_gone(pid); }));
}

TEST_CASE("ugly: a daemon that left the group is found and killed as well") {
  const RunningWatchdog watchdog(ugly("leave-daemon {dir}/pid"));
  const auto reply = watchdog.exchange(get("/"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "parent done");
  const pid_t pid = read_pid(watchdog.file("pid"));
  CHECK(wait_until([&] { return is_gone(pid) && children_of(watchdog.pid()).empty(); }));
}

TEST_CASE("ugly: a daemon is not looked for among the processes of calls that still run") {
  // `first` starts a process that leaves its group and loses its parent, and waits for what it
  // writes. Another call's end in the meantime must not take it away.
  const std::string script = "if [ \"$Http_Path\" = /other ]; then exit 0; fi\n"
                             "mkfifo $FILE.fifo\n"
                             "(setsid sh -c 'touch $FILE; sleep 1; echo survived > $FILE.fifo' &)\n"
                             "cat $FILE.fifo\n";
  const RunningWatchdog watchdog("sh {dir}/script", {"FILE={dir}/begun"});
  write_file_atomic(watchdog.file("script"), script);
  auto first = watchdog.connect();
  first.send(get("/first"));
  REQUIRE(wait_until([&] { return std::filesystem::exists(watchdog.file("begun")); }));
  for (int i = 0; i < 3; ++i)
    CHECK(watchdog.exchange(get("/other")).status == 200);
  CHECK(first.read_reply().body == "survived\n");
  CHECK(wait_until([&] { return children_of(watchdog.pid()).empty(); }));
}

TEST_CASE("ugly: exec_timeout ends the whole group, and a daemon too") {
  const std::string script =
      "trap '' TERM; sleep 1000 & setsid sleep 1000 & echo $$ > $FILE.p && mv $FILE.p $FILE; wait";
  const RunningWatchdog watchdog("sh {dir}/script", {"exec_timeout=1s", "FILE={dir}/pid"});
  write_file_atomic(watchdog.file("script"), script);
  const auto reply = watchdog.exchange(get("/"));
  CHECK(reply.status == 408);
  CHECK(is_gone(read_pid(watchdog.file("pid"))));
  CHECK(wait_until([&] { return children_of(watchdog.pid()).empty(); }));
}

TEST_CASE("ugly: a client that goes away takes its process with it") {
  const RunningWatchdog watchdog(ugly("stubborn {dir}/pid"));
  SUBCASE("while it waits for the answer") {
    auto client = std::optional(watchdog.connect());
    client->send(get("/"));
    const pid_t pid = read_pid(watchdog.file("pid"));
    client.reset();
    CHECK(wait_until([&] { return is_gone(pid); }));
  }
  SUBCASE("in the middle of a body") {
    auto client = std::optional(watchdog.connect());
    client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc");
    const pid_t pid = read_pid(watchdog.file("pid"));
    client.reset();
    CHECK(wait_until([&] { return is_gone(pid); }));
  }
  SUBCASE("with a body that the handler does not read") {
    auto client = std::optional(watchdog.connect());
    client->send(post("/", std::string(200'000, 'x')));
    const pid_t pid = read_pid(watchdog.file("pid"));
    client.reset();
    CHECK(wait_until([&] { return is_gone(pid); }));
  }
  CHECK(wait_until([&] { return watchdog.log().find("The client is gone") != std::string::npos; }));
}

TEST_CASE("ugly: a client that goes away in the middle of its answer does no harm") {
  const RunningWatchdog watchdog(ugly("flood 50000000"));
  {
    auto client = watchdog.connect();
    client.send(get("/"));
    CHECK(wait_until(
        [&] { return watchdog.log().find("Wrote 50000000 Bytes") != std::string::npos; }));
  }
  CHECK(watchdog.exchange(get("/_/health")).status == 200);
  CHECK(watchdog.exchange(get("/")).body_size == 50'000'000);
}

TEST_CASE("ugly: stderr lines of any length are logged, none is lost") {
  const RunningWatchdog watchdog(ugly("long-error 1000000"), {"combine_output=false"});
  CHECK(watchdog.exchange(get("/")).body == "ok");
  const auto log = watchdog.log();
  CHECK(std::count(log.begin(), log.end(), 'e') >= 1'000'000);
  CHECK(log.find(" stderr: short\n") != std::string::npos);
}

TEST_CASE("ugly: two thousand requests leave nothing behind") {
  const RunningWatchdog watchdog("cat");
  const auto files = count_open_files(watchdog.pid());
  constexpr int kClients = 8;
  constexpr int kRounds = 250;
  std::vector<HttpClient> clients;
  for (int i = 0; i < kClients; ++i)
    clients.push_back(watchdog.connect());
  int good = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (auto& client : clients)
      client.send(post("/", std::to_string(round)));
    for (auto& client : clients)
      good += client.read_reply().body == std::to_string(round) ? 1 : 0;
  }
  CHECK(good == kClients * kRounds);
  clients.clear();
  CHECK(wait_until([&] { return count_open_files(watchdog.pid()) <= files; }));
  CHECK(children_of(watchdog.pid()).empty());
  check_memory(watchdog);
}
