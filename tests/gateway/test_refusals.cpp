// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::test;

TEST_CASE("refusals: what two HTTP readers could take differently never reaches an instance") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  const std::string post = "POST /function/f HTTP/1.1\r\nHost: h\r\n";
  const std::string inner = "GET /function/f HTTP/1.1\r\nHost: h\r\n\r\n";

  struct Row {
    const char* name;
    std::string request;
    int status;
  };

  for (const Row& row : {
           Row{"length and coding",
               post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
               400},
           Row{"coding and length",
               post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + inner,
               400},
           Row{"two lengths", post + "Content-Length: 0\r\nContent-Length: 4\r\n\r\n" + inner, 400},
           Row{"two codings",
               post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
               400},
           Row{"unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n" + inner, 501},
           Row{"coding in a fold", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
           Row{"blank before the colon", post + "Content-Length : 4\r\n\r\nabcd", 400},
           Row{"fold", post + "A: b\r\n c\r\n\r\n", 400},
           Row{"bare line feeds", "GET /function/f HTTP/1.1\nHost: h\n\n", 400},
           Row{"bare carriage return",
               "GET /function/f HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n",
               400},
           Row{"two hosts", "GET /function/f HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
           Row{"no host", "GET /function/f HTTP/1.1\r\n\r\n", 400},
           Row{"no path", "GET function/f HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           Row{"garbage", "\x16\x03\x01\x02\r\n\r\n", 400},
           Row{"malformed escape", "GET /system/%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           Row{"malformed query", "GET /system/x?a=%0 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
       }) {
    CAPTURE(row.name);
    Wire client = world.connect();
    client.send(row.request);
    CHECK(client.read_message().status() == row.status);
    CHECK(client.read_to_end().empty()); // and what followed was not taken for a request
  }
  CHECK(instance.requests() == 0);
}

TEST_CASE("refusals: malformed chunks end the call with a 400") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  const std::string post =
      "POST /function/f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body : {"xyz\r\n", "-1\r\n", "5\nhello\r\n", "ffffffffffffffffff\r\n"}) {
    CAPTURE(body);
    CHECK(world.call(post + body).status() == 400);
    Wire late = world.connect(); // the same after the instance has the head
    late.send(post + "2\r\nhi\r\n");
    std::this_thread::sleep_for(5ms);
    late.send(body);
    CHECK(late.read_message().status() == 400);
    CHECK(late.closed_within(5s));
  }
  CHECK(world.call(post + std::string(100'000, '0')).status() ==
        400); // a chunk header without an end
}

TEST_CASE("refusals: a header that is too large is a 431") {
  auto options = World::default_options();
  options.max_header_bytes = 20'000;
  World world(options);
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  const auto request = [](std::size_t size) {
    return "GET /function/f HTTP/1.1\r\nHost: h\r\nX-Large: " + std::string(size, 'x') + "\r\n\r\n";
  };
  const auto fits = world.call(request(19'000));
  CHECK(fits.status() == 200);
  CHECK(fits.body.size() > 19'000);
  Wire client = world.connect();
  client.send(request(30'000));
  CHECK(client.read_message().status() == 431);
  CHECK(client.closed_within(5s));
}

TEST_CASE("refusals: the default limit takes a header of almost a megabyte") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  const auto answer =
      world.call("GET /function/f HTTP/1.1\r\nHost: h\r\nX-Large: " + std::string(1'000'000, 'x') +
                 "\r\n\r\n");
  CHECK(answer.status() == 200);
}

TEST_CASE("refusals: a header that comes too slowly is a 408, a silent connection is closed") {
  auto options = World::default_options();
  options.header_timeout = 150ms;
  options.idle_timeout = 100ms;
  World world(options);
  Wire slow = world.connect();
  slow.send("GET / HTTP/1.1\r\nHo");
  Wire silent = world.connect();
  Wire idle = world.connect();
  idle.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(idle.read_message().status() == 200);
  CHECK(slow.read_message().status() == 408);
  CHECK(slow.closed_within(5s));
  CHECK(silent.read_to_end().empty());
  CHECK(idle.read_to_end().empty());
}
