// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace cubeflash;
using namespace cubeflash::test;

namespace {

const std::string kHealth = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";

} // namespace

TEST_CASE("drain: what runs is finished, what is idle ends, nobody new comes") {
  World world;
  std::atomic<bool> go{false};
  const Instance instance(
      [&](Wire& wire, Message&) {
        while (!go)
          std::this_thread::sleep_for(1ms);
        wire.send(ok("done"));
        return true;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  Wire idle = world.connect();
  idle.send(kHealth);
  CHECK(idle.read_message().status() == 200);
  Wire busy = world.connect();
  busy.send(kGet);
  REQUIRE(eventually([&] { return instance.requests() == 1; }));
  auto drained = std::async(std::launch::async, [&] { world.gateway().drain(); });
  CHECK(idle.closed_within(5s));
  CHECK(eventually([&] {
    try {
      world.connect();
      return false;
    } catch (const Error&) {
      return true;
    }
  }));
  CHECK(drained.wait_for(50ms) == std::future_status::timeout);
  go = true;
  const auto answer = busy.read_message();
  CHECK(answer.body == "done");
  CHECK(answer.header("connection") == "close");
  CHECK(drained.wait_for(5s) == std::future_status::ready);
}

TEST_CASE("drain: health turns 503 for a connection that is still there") {
  World world;
  std::atomic<bool> go{false};
  const Instance instance(
      [&](Wire& wire, Message&) {
        while (!go)
          std::this_thread::sleep_for(1ms);
        wire.send(ok("done"));
        return true;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  Wire half = world.connect();
  half.send("GET /healthz HT"); // a head on its way is not idle
  Wire busy = world.connect();
  busy.send(kGet);
  REQUIRE(eventually([&] { return instance.requests() == 1; }));
  auto drained = std::async(std::launch::async, [&] { world.gateway().drain(); });
  CHECK(eventually([&] {
    try {
      world.connect();
      return false;
    } catch (const Error&) {
      return true;
    }
  }));
  half.send("TP/1.1\r\nHost: h\r\n\r\n");
  CHECK(half.read_message().status() == 503);
  go = true;
  CHECK(busy.read_message().status() == 200);
}

TEST_CASE("drain: the grace bounds how long an answer may take") {
  auto options = World::default_options();
  options.drain_grace = 200ms;
  World world(options);
  const Instance instance(
      [](Wire& wire, Message&) {
        wire.closed_within(10s);
        return false;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  Wire busy = world.connect();
  busy.send(kGet);
  REQUIRE(eventually([&] { return instance.requests() == 1; }));
  const auto start = std::chrono::steady_clock::now();
  world.gateway().drain();
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(took >= 200ms);
  CHECK(took < 3s);
  CHECK(busy.closed_within(1s));
}

TEST_CASE("publish: replacing instances under load loses no request") {
  World world;
  std::vector<std::unique_ptr<Instance>> instances;
  for (int i = 0; i < 3; ++i)
    instances.push_back(
        std::make_unique<Instance>(echo, world.socket_path("i" + std::to_string(i))));
  world.serve("f", {instances[0].get()});
  std::atomic<bool> stop{false};
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&] {
      Wire wire = world.connect();
      while (!stop) {
        wire.send("POST /function/f HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
        const auto answer = wire.read_message();
        (answer.whole && answer.status() == 200 && answer.body.ends_with("\nhi") ? good : bad)++;
      }
    });
  const auto end = std::chrono::steady_clock::now() + 2s;
  for (std::size_t i = 1; std::chrono::steady_clock::now() < end; ++i) {
    world.function("f").backends.clear();
    world.add("f", instances[i % 3]->endpoint());
    if (i % 2 == 0) world.add("f", instances[(i + 1) % 3]->endpoint());
    world.publish();
    std::this_thread::sleep_for(1ms);
  }
  stop = true;
  for (auto& client : clients)
    client.join();
  CHECK(bad == 0);
  CHECK(good > 100);
}
