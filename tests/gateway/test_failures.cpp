// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::test;

namespace {

const std::string kPost = "POST /function/f HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";

} // namespace

TEST_CASE("failure: a dead instance is passed over, bodies included") {
  World world;
  Instance dead(echo, world.socket_path("dead"));
  Instance gone(echo);
  const Instance alive(echo, world.socket_path("alive"));
  world.serve("f", {&dead, &gone, &alive});
  dead.stop();
  gone.stop();
  for (int i = 0; i < 30; ++i) {
    const auto answer = world.call(kPost);
    REQUIRE(answer.status() == 200);
    REQUIRE(answer.body.ends_with("\nhi"));
  }
  CHECK(alive.requests() == 30);
}

TEST_CASE("failure: when no instance can be reached the answer is a 502 that says so") {
  World world;
  Instance dead(echo, world.socket_path("dead"));
  world.serve("f", {&dead});
  dead.stop();
  const auto answer = world.call(kPost);
  CHECK(answer.status() == 502);
  CHECK(answer.header("x-openfaas-internal") == "proxy");
  CHECK(answer.body == "Can't reach service for: f.\n");
  CHECK(answer.count("x-call-id") == 1);
}

TEST_CASE("failure: the last instance is tried again as soon as it is back") {
  World world;
  auto instance = std::make_unique<Instance>(echo, world.socket_path("f"));
  world.serve("f", {instance.get()});
  CHECK(world.get("/function/f").status() == 200);
  instance.reset();
  CHECK(world.get("/function/f").status() == 502);
  const Instance again(echo, world.socket_path("f"));
  CHECK(world.get("/function/f").status() == 200);
}

TEST_CASE("failure: a kept connection that the instance has closed costs no request") {
  World world(World::default_options(1));
  const Instance instance(
      [](Wire& wire, Message& request) {
        echo(wire, request);
        return false; // closes without having said so
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  Wire client = world.connect();
  for (int i = 0; i < 50; ++i) {
    client.send("GET /function/f HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(client.read_message().status() == 200);
  }
}

TEST_CASE("failure: an instance that dies on a request gets a POST once and a GET at most twice") {
  World world(World::default_options(1));
  const Instance instance(
      [](Wire& wire, Message& request) {
        wire.read_body(request);
        return false;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  CHECK(world.call(kPost).status() == 502);
  CHECK(instance.requests() == 1);
  CHECK(world.get("/function/f").status() == 502);
  CHECK(instance.requests() == 3);
}

TEST_CASE("failure: what is not HTTP is a 502") {
  World world;
  Text text;
  const Instance instance(
      [&](Wire& wire, Message& request) {
        wire.read_body(request);
        wire.send(text.get());
        return false;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  for (const char* answer :
       {"garbage\r\n\r\n",
        "HTTP/1.1 200 OK\nA: b\n\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nCut",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    CAPTURE(answer);
    text = answer;
    const auto seen = world.get("/function/f");
    CHECK(seen.status() == 502);
    CHECK(seen.header("x-openfaas-internal") == "proxy");
  }
}

TEST_CASE("failure: an answer that breaks off cannot be taken for a whole one") {
  World world;
  Text text;
  const Instance instance(
      [&](Wire& wire, Message& request) {
        wire.read_body(request);
        wire.send(text.get());
        if (text.get().find("HTTP/1.0") != std::string::npos) wire.reset();
        return false;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("part");
  const auto chunked = world.get("/function/f");
  CHECK(chunked.body == "part");
  CHECK_FALSE(chunked.whole);
  text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart";
  const auto counted = world.get("/function/f");
  CHECK(counted.body == "part");
  CHECK_FALSE(counted.whole);
  // A client of HTTP/1.0 knows no chunks: only a reset can tell.
  text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("part");
  CHECK_FALSE(world.call("GET /function/f HTTP/1.0\r\n\r\n").whole);
}

TEST_CASE("failure: the deadline is a 504 that names the hop, and the instance is let go") {
  World world;
  std::atomic<bool> let_go{false};
  const Instance instance(
      [&](Wire& wire, Message& request) {
        wire.read_body(request);
        let_go = wire.closed_within(5s);
        return false;
      },
      world.socket_path("f"));
  world.function("f").timeout = 300ms;
  world.serve("f", {&instance});
  const auto start = std::chrono::steady_clock::now();
  Wire client = world.connect();
  client.send(kPost);
  const auto answer = client.read_message();
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(answer.status() == 504);
  CHECK(answer.header("x-openfaas-internal") == "proxy");
  CHECK(answer.body.starts_with("function f did not answer within 300ms (waited in gateway: 0s)"));
  CHECK(took >= 300ms);
  CHECK(took < 2s);
  CHECK(eventually([&] { return let_go.load(); }));
  CHECK(eventually([&] { return world.function("f").backends[0]->in_flight == 0; }));
  client.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"); // the connection goes on
  CHECK(client.read_message().status() == 200);
}

TEST_CASE("failure: the deadline in the middle of an answer breaks it off") {
  World world;
  const Instance instance(
      [](Wire& wire, Message& request) {
        wire.read_body(request);
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("first"));
        wire.closed_within(5s);
        return false;
      },
      world.socket_path("f"));
  world.function("f").timeout = 200ms;
  world.serve("f", {&instance});
  const auto answer = world.get("/function/f");
  CHECK(answer.status() == 200);
  CHECK_FALSE(answer.whole);
}

TEST_CASE("failure: a client that leaves ends the call, before and after the answer has begun") {
  World world;
  std::atomic<int> ended{0};
  std::atomic<bool> begin{false};
  const Instance instance(
      [&](Wire& wire, Message& request) {
        wire.read_body(request);
        if (begin)
          wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("first"));
        if (wire.closed_within(5s)) ended++;
        return false;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    begin = i >= 2;
    Wire client = world.connect();
    client.send(kPost);
    REQUIRE(eventually([&] { return instance.requests() == i + 1; }));
    if (begin) client.read_head();
    if (i % 2 == 0)
      client.close();
    else
      client.reset();
    CHECK(eventually([&] { return ended == i + 1; }));
  }
  CHECK(eventually([&] { return world.function("f").backends[0]->in_flight == 0; }));
}
