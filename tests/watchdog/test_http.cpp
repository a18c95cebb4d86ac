// SPDX-License-Identifier: Apache-2.0
// HTTP itself: framing, expectations, limits, connections.
#include "tests/watchdog/running_watchdog.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::test;

TEST_CASE("http: chunked bodies arrive decoded") {
  const RunningWatchdog watchdog("cat");
  auto client = watchdog.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const auto* piece : {"5\r\nhello\r\n", "1", "\r\n \r\n5;a=b\r\nwor", "ld\r\n0\r\n", "\r\n"})
    client.send(piece);
  CHECK(client.read_reply().body == "hello world");
  CHECK(client.exchange(get("/")).status == 200);
}

TEST_CASE("http: a body is streamed to the handler before it is whole") {
  // head ends after its first line, and the answer is decided while the rest is still on its way.
  const RunningWatchdog watchdog("head -n1", {"read_timeout=20s"});
  auto client = watchdog.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nfirst line\n");
  const auto reply = client.read_reply();
  CHECK(reply.status == 200);
  CHECK(reply.body == "first line\n");
  CHECK(reply.headers.at("connection") == "close");
  CHECK(client.is_at_end());
}

TEST_CASE("http: Expect: 100-continue is answered before the body") {
  const RunningWatchdog watchdog("cat");
  auto client = watchdog.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_reply().status == 100);
  CHECK(client.exchange("body").body == "body");
  CHECK(client.exchange(get("/", "Expect: miracles\r\n")).status == 417);
}

TEST_CASE("http: nobody who is refused is told to continue") {
  const RunningWatchdog watchdog("cat");
  auto client = watchdog.connect();
  client.send("BREW / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_reply().status == 405);
  CHECK(client.is_at_end());
}

TEST_CASE("http: connections are kept, unless the client says otherwise") {
  const RunningWatchdog watchdog("cat");
  auto client = watchdog.connect();
  for (int i = 0; i < 3; ++i)
    CHECK(client.exchange(post("/", std::to_string(i))).body == std::to_string(i));
  const auto last = client.exchange(post("/", "last", "Connection: close\r\n"));
  CHECK(last.body == "last");
  CHECK(last.headers.at("connection") == "close");
  CHECK(client.is_at_end());
  auto old = watchdog.connect();
  CHECK(old.exchange("GET / HTTP/1.0\r\n\r\n").headers.at("connection") == "close");
  CHECK(old.is_at_end());
  auto keeping = watchdog.connect();
  for (int i = 0; i < 2; ++i)
    CHECK(keeping.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
              .headers.at("connection") == "keep-alive");
}

TEST_CASE("http: pipelined requests are answered in order") {
  const RunningWatchdog watchdog("cat");
  auto client = watchdog.connect();
  client.send(post("/", "one") + post("/", "two") + get("/_/health") + post("/", "three"));
  for (const auto* body : {"one", "two", "OK", "three"})
    CHECK(client.read_reply().body == body);
}

TEST_CASE("http: malformed requests are 400 and end the connection") {
  const RunningWatchdog watchdog("cat");
  for (const auto* request :
       {"nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    CAPTURE(request);
    auto client = watchdog.connect();
    const auto reply = client.exchange(request);
    CHECK(reply.status == 400);
    CHECK(reply.headers.at("x-openfaas-internal") == "of-watchdog");
    CHECK(reply.headers.contains("x-duration-seconds"));
    CHECK(reply.body.back() == '\n');
    CHECK(client.is_at_end());
  }
  CHECK(watchdog.exchange(post("/", "fine")).body == "fine");
}

TEST_CASE("http: a header may have a megabyte, not more") {
  const RunningWatchdog watchdog("cat", {"cgi_headers=false"});
  auto client = watchdog.connect();
  std::string headers;
  for (int i = 0; i < 15; ++i)
    headers += "X-Big-" + std::to_string(i) + ": " + std::string(60'000, 'b') + "\r\n";
  CHECK(client.exchange(post("/", "big", headers)).body == "big");
  CHECK(client.exchange(post("/", "next")).body == "next");
  for (const std::size_t size : {std::size_t(70'000), std::size_t(1'100'000)}) {
    CAPTURE(size);
    auto other = watchdog.connect();
    other.try_send(get("/", "X-Big: " + std::string(size, 'b') + "\r\n"));
    CHECK(other.read_reply().status == 431);
    CHECK(other.is_at_end());
  }
}

TEST_CASE("http: very many headers are no attack on the processor") {
  const RunningWatchdog watchdog("cat", {"cgi_headers=true"});
  std::string headers;
  for (int i = 0; i < 20'000; ++i)
    headers += "x-" + std::to_string(i) + ": 1\r\n";
  CHECK(watchdog.exchange(post("/", "many", headers)).body == "many");
}

TEST_CASE("http: a client that stalls in a header or between requests is disconnected after "
          "read_timeout") {
  const RunningWatchdog watchdog("cat", {"read_timeout=300ms"});
  auto silent = watchdog.connect();
  CHECK(silent.is_at_end());
  auto slow = watchdog.connect();
  slow.send("GET / HTTP/1.1\r\nHo");
  CHECK(slow.is_at_end());
}

TEST_CASE(
    "http: a client that stalls in a body is 400 after read_timeout, and its process is ended") {
  const RunningWatchdog watchdog(ugly("stubborn {dir}/pid"), {"read_timeout=300ms"});
  auto client = watchdog.connect();
  const auto reply = client.exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(reply.status == 400);
  CHECK(reply.body == "reading the request: no data within 300ms\n");
  CHECK(is_gone(read_pid(watchdog.file("pid"))));
  CHECK(client.is_at_end());
}

TEST_CASE("http: write_timeout closes the connection and leaves the handler alone") {
  const RunningWatchdog watchdog(ugly("sleep {dir}/pid 1500"), {"write_timeout=300ms"});
  auto client = watchdog.connect();
  client.send(get("/"));
  CHECK(client.is_at_end());
  CHECK_FALSE(is_gone(read_pid(watchdog.file("pid"))));
  CHECK(wait_until([&] { return watchdog.log().find("Wrote 5 Bytes") != std::string::npos; }));
}

TEST_CASE("http: a refused request's small body does not spoil the connection") {
  const RunningWatchdog watchdog("cat");
  auto client = watchdog.connect();
  CHECK(client.exchange("BREW / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde").status ==
        405);
  CHECK(client.exchange(post("/", "next")).body == "next");
}
