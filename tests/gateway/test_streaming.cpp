// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <fstream>

using namespace cubeflash;
using namespace cubeflash::test;

namespace {

constexpr std::size_t kBlock = 64U << 10U;

std::string block(std::size_t number) {
  std::string bytes(kBlock, static_cast<char>('a' + number % 26));
  const std::string mark = std::to_string(number) + ";";
  return bytes.replace(0, mark.size(), mark);
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Sends `blocks` blocks and reads them back at the same time; the number that came back right.
std::size_t exchange(Wire& wire, std::size_t blocks, bool chunked) {
  std::thread sender([&] {
    for (std::size_t i = 0; i < blocks; ++i)
      wire.send(chunked ? chunk(block(i)) : block(i));
    if (chunked) wire.send("0\r\n\r\n");
  });
  const auto head = wire.read_head();
  CHECK(head.status() == 200);
  std::string pending;
  std::size_t right = 0;
  try {
    for (;;) {
      while (pending.size() < kBlock) {
        const auto data = head.header("transfer-encoding") == "chunked"
                              ? wire.read_chunk()
                              : wire.read_exactly(kBlock - pending.size());
        if (data.empty()) break;
        pending += data;
      }
      if (pending.size() < kBlock || pending.compare(0, kBlock, block(right)) != 0) break;
      pending.erase(0, kBlock);
      if (++right == blocks && head.header("transfer-encoding") != "chunked") break;
    }
  } catch (const std::exception& error) {
    MESSAGE(error.what());
  }
  sender.join();
  return right;
}

// Sends every piece of the body back while it is still coming.
bool mirror(Wire& wire, Message& request) {
  if (request.header("transfer-encoding") == "chunked") {
    wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (auto data = wire.read_chunk(); !data.empty(); data = wire.read_chunk())
      wire.send(chunk(data));
    wire.send("0\r\n\r\n");
    return true;
  }
  std::size_t left = std::stoul(request.header("content-length"));
  wire.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", left));
  while (left > 0) {
    const auto data = wire.read_some();
    if (data.empty()) return false;
    wire.send(data);
    left -= data.size();
  }
  return true;
}

} // namespace

TEST_CASE("streaming: 200 MB each way at once, in constant memory, with a length and in chunks") {
  constexpr std::size_t kBlocks = 3200;
  World world;
  const Instance instance(mirror, world.socket_path("f"));
  world.function("f").timeout = 100s;
  world.serve("f", {&instance});
  for (const bool chunked : {false, true}) {
    CAPTURE(chunked);
    Wire client = world.connect();
    client.send(fmt::format("POST /function/f HTTP/1.1\r\nHost: h\r\n{}\r\n\r\n",
                            chunked ? std::string("Transfer-Encoding: chunked")
                                    : fmt::format("Content-Length: {}", kBlocks * kBlock)));
    const std::size_t before = resident_bytes();
    CHECK(exchange(client, kBlocks, chunked) == kBlocks);
    const std::size_t after = resident_bytes();
    CHECK(after < before + (48U << 20U));                    // the test's own copies included
    client.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"); // and the connection lives
    CHECK(client.read_message().status() == 200);
  }
}

TEST_CASE("streaming: many small chunks in one packet are one body") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  std::string framed;
  std::string body;
  for (int i = 0; i < 3000; ++i) {
    const auto piece = std::to_string(i) + ",";
    framed += chunk(piece);
    body += piece;
  }
  const auto answer =
      world.call("POST /function/f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                 framed + "0\r\nX-Trailer: t\r\n\r\n");
  CHECK(answer.body.ends_with("\n\n" + body));
  const auto empty = world.call(
      "POST /function/f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  CHECK(empty.body.find("transfer-encoding: chunked") != std::string::npos);
  CHECK(empty.body.ends_with("\n\n"));
}

TEST_CASE("streaming: every piece of an answer arrives before the next is made") {
  World world;
  const Instance instance(
      [](Wire& wire, Message& request) {
        wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n");
        for (int i = 0; i < 5; ++i) {
          // The next event only after the client has confirmed the last one, through the body of
          // its request.
          if (wire.read_chunk() != "go") return false;
          wire.send(chunk(fmt::format("data: {}\n\n", i)));
        }
        wire.send("0\r\n\r\n");
        return wire.read_chunk().empty() && request.whole;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  Wire client = world.connect();
  client.send("POST /function/f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  const auto head = client.read_head(); // before any of the body
  CHECK(head.header("content-type") == "text/event-stream");
  for (int i = 0; i < 5; ++i) {
    client.send(chunk("go"));
    CHECK(client.read_chunk() == fmt::format("data: {}\n\n", i));
  }
  client.send("0\r\n\r\n");
  CHECK(client.read_chunk().empty());
}

TEST_CASE("streaming: an instance that answers without reading the body does not hang the client") {
  World world;
  const Instance instance(
      [](Wire& wire, Message&) {
        wire.send(ok("enough"));
        return false;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  for (const std::size_t size : {std::size_t{100'000}, std::size_t{20'000'000}}) {
    CAPTURE(size);
    Wire client = world.connect();
    client.send(
        fmt::format("POST /function/f HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", size));
    std::thread sender([&] { client.try_send(std::string(size, 'x')); });
    const auto answer = client.read_message();
    sender.join();
    CHECK(answer.status() == 200);
    CHECK(answer.body == "enough");
  }
}

TEST_CASE("streaming: 100 Continue comes when the body is wanted, and not for a refusal") {
  World world;
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  Wire client = world.connect();
  client.send(
      "POST /function/f HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  CHECK(client.read_message().status() == 100);
  client.send("body");
  const auto answer = client.read_message();
  CHECK(answer.status() == 200);
  CHECK(answer.body.ends_with("\nbody"));
  CHECK(answer.body.find("expect") == std::string::npos);
  client.send(
      "POST /function/no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  const auto refusal = client.read_message();
  CHECK(refusal.status() == 404);
  CHECK(refusal.header("connection") == "close");
}

TEST_CASE(
    "streaming: a client that reads slowly holds the instance back instead of filling memory") {
  World world;
  std::atomic<std::size_t> written{0};
  const Instance instance(
      [&](Wire& wire, Message&) {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        const auto piece = chunk(std::string(kBlock, 'x'));
        while (written < (256U << 20U) && wire.try_send(piece))
          written += kBlock;
        return false;
      },
      world.socket_path("f"));
  world.serve("f", {&instance});
  Wire client = world.connect();
  client.send("GET /function/f HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_head();
  std::size_t last = 0;
  // Standing still for 200 ms with the client not reading: held back.
  CHECK(eventually([&] {
    const bool still = written != 0 && written == last;
    last = written;
    std::this_thread::sleep_for(200ms);
    return still && written == last;
  }));
  CHECK(written < (64U << 20U));
}

TEST_CASE("streaming: a client that stops in the middle of its body gets a 408") {
  auto options = World::default_options();
  options.body_idle_timeout = 100ms;
  World world(options);
  const Instance instance(echo, world.socket_path("f"));
  world.serve("f", {&instance});
  Wire client = world.connect();
  client.send("POST /function/f HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  CHECK(client.read_message().status() == 408);
  CHECK(client.closed_within(5s));
}
