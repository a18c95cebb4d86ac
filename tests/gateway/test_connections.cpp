// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>

using namespace cubeflash;
using namespace cubeflash::test;

TEST_CASE("connections: a thousand requests on one, whatever lies between them") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  Wire client = world.connect();
  for (int i = 0; i < 1000; ++i) {
    if (i % 7 == 0) client.send("\r\n"); // some clients send one after a body
    client.send(fmt::format(
        "POST /function/f/{} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", i));
    const auto answer = client.read_message();
    REQUIRE(answer.status() == 200);
    REQUIRE(answer.body.starts_with(fmt::format("POST /{} ", i)));
  }
}

TEST_CASE("connections: pipelined requests are answered in order") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  Wire client = world.connect();
  std::string requests;
  for (int i = 0; i < 300; ++i) // more than the buffer holds
    requests +=
        fmt::format("POST /function/f/{} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", i);
  std::thread sender([&] { client.send(requests + "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"); });
  for (int i = 0; i < 300; ++i)
    CHECK(client.read_message().body.starts_with(fmt::format("POST /{} ", i)));
  CHECK(client.read_message().body == "OK");
  sender.join();
}

TEST_CASE(
    "connections: HTTP/1.0 and Connection: close are ended by the gateway, keep-alive is granted") {
  World world;
  const Instance instance(
      [](Wire& wire, Message& request) {
        wire.read_body(request);
        if (request.start.starts_with("GET /length"))
          wire.send(ok("abc"));
        else
          wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("abc") +
                    "0\r\n\r\n");
        return true;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  Wire old = world.connect();
  old.send("GET /function/f/length HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  auto answer = old.read_message();
  CHECK(answer.header("connection") == "keep-alive");
  CHECK(answer.body == "abc");
  old.send("GET /function/f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  answer = old.read_message(); // no chunks for HTTP/1.0: the end is the end
  CHECK(answer.count("transfer-encoding") == 0);
  CHECK(answer.header("connection") == "close");
  CHECK(answer.body == "abc");
  CHECK(answer.whole);

  Wire polite = world.connect();
  polite.send("GET /function/f/length HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  answer = polite.read_message();
  CHECK(answer.header("connection") == "close");
  CHECK(polite.closed_within(5s));
}

TEST_CASE("connections: health is answered without the control plane") {
  World world(World::default_options(), [](daemon::Request) -> awaitable<daemon::Reply> {
    throw std::runtime_error("must not be asked");
  });
  CHECK(world.get("/healthz").body == "OK");
  CHECK(world.call("HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\n").status() == 200);
  CHECK(world.call("POST /healthz HTTP/1.1\r\nHost: h\r\n\r\n").status() == 405);
}

TEST_CASE("connections: beyond the limit they wait until another ends") {
  auto options = World::default_options(2);
  options.max_connections = 2;
  World world(options);
  const std::string ask = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
  Wire first = world.connect();
  first.send(ask);
  CHECK(first.read_message().status() == 200);
  Wire second = world.connect();
  second.send(ask);
  CHECK(second.read_message().status() == 200);
  Wire third = world.connect();
  third.send(ask);
  CHECK_FALSE(third.readable_within(300ms));
  first.close();
  CHECK(third.read_message().status() == 200);
}

TEST_CASE("connections: running out of descriptors is waited out without spinning") {
  World world(World::default_options(1));
  Wire before = world.connect();
  before.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(before.read_message().status() == 200);
  Wire blocked = world.connect();
  blocked.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(blocked.read_message().status() == 200);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  Wire late = world.connect(); // its own descriptor exists already; the gateway's end may
  rlimit none = limit;
  none.rlim_cur = 3;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  before.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"); // those that are there go on
  const int status = before.read_message().status();
  rusage start{};
  ::getrusage(RUSAGE_SELF, &start);
  std::this_thread::sleep_for(300ms);
  rusage end{};
  ::getrusage(RUSAGE_SELF, &end);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(status == 200);
  CHECK((end.ru_utime.tv_sec - start.ru_utime.tv_sec) * 1'000'000 + end.ru_utime.tv_usec -
            start.ru_utime.tv_usec <
        150'000);
  late.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(late.read_message().status() == 200);
}

TEST_CASE("connections: a second gateway on the same port is an error") {
  World world;
  auto options = World::default_options();
  options.port = world.gateway().port();
  boost::asio::io_context control;
  CHECK_THROWS_WITH_AS(daemon::Gateway(options, control.get_executor(), {}),
                       doctest::Contains("in use"),
                       SystemError);
}
