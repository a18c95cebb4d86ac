// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cubeflash;
using namespace cubeflash::test;

TEST_CASE(
    "waiting: without an instance the deadline brings a 503 with Retry-After and the reason") {
  World world;
  world.function("f").timeout = 150ms;
  world.function("f").problem = "the image is missing";
  world.publish();
  const auto start = std::chrono::steady_clock::now();
  const auto answer = world.get("/function/f");
  CHECK(std::chrono::steady_clock::now() - start >= 150ms);
  CHECK(answer.status() == 503);
  CHECK(answer.header("retry-after") == "1");
  CHECK(answer.header("x-openfaas-internal") == "proxy");
  CHECK(answer.body.starts_with("No endpoints available for: f."));
  CHECK(answer.body.find("the image is missing") != std::string::npos);
  CHECK(world.function("f").queue->waiting() == 0);
}

TEST_CASE("waiting: a function that is scaled to 0 is a 503 at once") {
  World world;
  world.function("f").wanted = false;
  world.publish();
  const auto start = std::chrono::steady_clock::now();
  CHECK(world.get("/function/f").status() == 503);
  CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE("waiting: requests are served when an instance appears, bodies intact") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.function("f");
  world.publish();
  std::vector<Wire> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(world.connect());
    clients.back().send(
        fmt::format("POST /function/f HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n{}", i));
  }
  CHECK(eventually([&] { return world.function("f").queue->waiting() == 8; }));
  world.serve("f", {&instance});
  for (int i = 0; i < 8; ++i) {
    const auto answer = clients[static_cast<std::size_t>(i)].read_message();
    CHECK(answer.status() == 200);
    CHECK(answer.body.ends_with("\n" + std::to_string(i)));
  }
  CHECK(world.function("f").queue->waiting() == 0);
}

TEST_CASE("waiting: a function that is removed or scaled to 0 lets its waiters go") {
  World world;
  world.function("f");
  world.function("g");
  world.publish();
  Wire waits_for_f = world.connect();
  waits_for_f.send(kGet);
  Wire waits_for_g = world.connect();
  waits_for_g.send("GET /function/g HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(eventually([&] {
    return world.function("f").queue->waiting() == 1 && world.function("g").queue->waiting() == 1;
  }));
  world.function("g").wanted = false;
  world.publish();
  CHECK(waits_for_g.read_message().status() == 503);
  world.gateway().publish(std::make_shared<daemon::RouteTable>());
  CHECK(waits_for_f.read_message().status() == 404);
}

TEST_CASE("waiting: concurrency is never exceeded, and waiters are served in the order they came") {
  World world;
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  std::mutex mutex;
  std::vector<std::string> order;
  std::atomic<bool> go{false};
  const Instance instance(
      [&](Wire& wire, Message& request) {
        most = std::max(most.load(), ++now);
        {
          const std::lock_guard lock(mutex);
          order.push_back(request.header("x-number"));
        }
        while (!go)
          std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(2ms); // so that calls overlap if they can
        --now;
        wire.send(ok("x"));
        return true;
      },
      world.socket_path("f"));
  world.function("f").concurrency = 1;
  world.serve("f", {&instance});
  std::vector<Wire> clients;
  std::vector<std::string> expected;
  for (int i = 0; i < 12; ++i) {
    expected.push_back(std::to_string(i));
    clients.push_back(world.connect());
    clients.back().send(
        fmt::format("GET /function/f HTTP/1.1\r\nHost: h\r\nX-Number: {}\r\n\r\n", i));
    if (i == 0)
      REQUIRE(eventually([&] { return instance.requests() == 1; }));
    else
      REQUIRE(eventually(
          [&] { return world.function("f").queue->waiting() == static_cast<std::size_t>(i); }));
  }
  go = true;
  for (auto& client : clients)
    CHECK(client.read_message().status() == 200);
  CHECK(most == 1);
  CHECK(order == expected);
}

TEST_CASE("waiting: a full queue is a 503 at once") {
  World world;
  world.function("f").queue = world.gateway().make_wait_queue(1);
  world.publish();
  Wire first = world.connect();
  first.send(kGet);
  CHECK(eventually([&] { return world.function("f").queue->waiting() == 1; }));
  const auto answer = world.get("/function/f");
  CHECK(answer.status() == 503);
  CHECK(answer.header("retry-after") == "1");
  first.close(); // and one that leaves makes room
  CHECK(eventually([&] { return world.function("f").queue->waiting() == 0; }));
}

TEST_CASE("waiting: many clients on several threads through two slots all get an answer") {
  World world(World::default_options(3));
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  const Script script = [&](Wire& wire, Message&) {
    const int count = ++now;
    int seen = most.load();
    while (count > seen && !most.compare_exchange_weak(seen, count)) {
    }
    --now;
    wire.send(ok("x"));
    return true;
  };
  const Instance a(script, world.socket_path("a"));
  const Instance b(script, world.socket_path("b"));
  world.function("f").concurrency = 1;
  world.function("f").timeout = 30s;
  world.serve("f", {&a, &b});
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i)
    clients.emplace_back([&] {
      Wire wire = world.connect();
      for (int k = 0; k < 100; ++k) {
        wire.send(kGet);
        if (wire.read_message().status() == 200) good++;
      }
    });
  for (auto& client : clients)
    client.join();
  CHECK(good == 1600);
  CHECK(most <= 2);
  for (const auto& backend : world.function("f").backends)
    CHECK(eventually([&] { return backend->in_flight == 0; }));
}
