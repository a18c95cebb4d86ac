// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/world.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::test;
using daemon::BodyStream;
using daemon::Reply;
using daemon::Request;

namespace {

const std::string kHost = " HTTP/1.1\r\nHost: h\r\n";

awaitable<Reply> describe(Request request) {
  Reply reply;
  reply.status = 201;
  reply.headers = {{"X-Own", "1"}};
  reply.body = request.method + "|" + request.path + "|" + request.query_value("a") + "|" +
               request.header("x-test") + "|" +
               (request.peer.starts_with("127.0.0.1:") ? "peer" : "?");
  co_return reply;
}

// Reads all of the body and answers with its size, or with the error's kind.
awaitable<Reply> measure(Request request) {
  Reply reply;
  std::size_t size = 0;
  try {
    for (;;) {
      const std::string piece = co_await request.body->read();
      if (piece.empty()) break;
      if (piece.size() > 65536) reply.headers.emplace_back("X-Too-Large", "1");
      size += piece.size();
    }
    reply.body = std::to_string(size);
  } catch (const Error& error) {
    reply.status = 400;
    reply.body = "error " + std::to_string(static_cast<int>(error.kind()));
  }
  co_return reply;
}

// Gives `count` numbers, then ends, fails or waits for ever.
class Numbers : public BodyStream {
 public:
  Numbers(int count, char end, std::atomic<int>& destroyed)
      : count_(count), end_(end), destroyed_(destroyed) {}

  ~Numbers() override { destroyed_++; }

  awaitable<std::optional<std::string>> next() override {
    if (given_ < count_) co_return std::to_string(given_++) + "\n";
    if (end_ == 'f') throw Error(ErrorKind::failed, "the stream broke");
    if (end_ == 'w') {
      boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                      std::chrono::hours(1));
      co_await timer.async_wait(use_awaitable);
    }
    co_return std::nullopt;
  }

 private:
  int count_;
  char end_;
  int given_ = 0;
  std::atomic<int>& destroyed_;
};

std::atomic<int> g_destroyed{0};

// /stream/<count><end>
awaitable<Reply> stream_numbers(Request request) {
  Reply reply;
  reply.body = "head\n";
  const int count = std::stoi(request.path.substr(8));
  reply.stream = std::make_unique<Numbers>(count, request.path.back(), g_destroyed);
  co_return reply;
}

} // namespace

TEST_CASE("control: the handler gets the request as values and its answer comes back") {
  World world(World::default_options(), describe);
  const auto answer =
      world.call("PUT /system/a%20b?a=1&a=%2F" + kHost + "X-Test: one\r\nx-test: two\r\n\r\n");
  CHECK(answer.status() == 201);
  CHECK(answer.header("x-own") == "1");
  CHECK(answer.body == "PUT|/system/a b|/|one|peer");
  const auto head = world.call("HEAD /x" + kHost + "\r\n");
  CHECK(head.header("content-length") == "14");
  CHECK(world.get("/function").body.starts_with("GET|/function|")); // no function is meant
}

TEST_CASE("control: a body streams in, with a length, in chunks and after 100 Continue") {
  World world(World::default_options(), measure);
  Wire client = world.connect();
  const std::string large(5'000'000, 'x');
  client.send("POST /x" + kHost + "Content-Length: 5000000\r\n\r\n");
  client.send(large);
  auto answer = client.read_message();
  CHECK(answer.body == "5000000");
  CHECK(answer.count("x-too-large") == 0);
  client.send("POST /x" + kHost + "Transfer-Encoding: chunked\r\n\r\n" + chunk(large) +
              chunk("abc") + "0\r\n\r\n");
  CHECK(client.read_message().body == "5000003");
  client.send("POST /x" + kHost + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_message().status() == 100);
  client.send("abc");
  CHECK(client.read_message().body == "3");
  client.send("GET /x" + kHost + "\r\n");
  CHECK(client.read_message().body == "0");
}

TEST_CASE("control: a body that the handler does not read is skipped, or ends the connection") {
  World world(World::default_options(), describe);
  Wire client = world.connect();
  client.send("POST /x" + kHost + "Content-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  CHECK(client.read_message().status() == 201);
  client.send("GET /x" + kHost + "\r\n");
  CHECK(client.read_message().status() == 201);
  client.send("POST /x" + kHost + "Content-Length: 100000000\r\n\r\n");
  CHECK(client.read_message().status() == 201);
  client.try_send(std::string(1'000'000, 'x'));
  CHECK(client.closed_within(5s));
}

TEST_CASE("control: reading a broken or stalled body throws in the handler") {
  auto options = World::default_options();
  options.body_idle_timeout = 100ms;
  World world(options, measure);
  const auto kind = [](ErrorKind wanted) {
    return "error " + std::to_string(static_cast<int>(wanted));
  };
  CHECK(world.call("POST /x" + kHost + "Content-Length: 10\r\n\r\nabc").body ==
        kind(ErrorKind::timeout));
  CHECK(world.call("POST /x" + kHost + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n").body ==
        kind(ErrorKind::invalid));
  Wire client = world.connect();
  client.send("POST /x" + kHost + "Content-Length: 10\r\n\r\nabc");
  client.half_close();
  CHECK(client.read_message().body == kind(ErrorKind::unavailable));
}

TEST_CASE("control: a handler that throws is a 500, and the connection lives") {
  World world(World::default_options(), [](Request) -> awaitable<Reply> {
    throw std::runtime_error("defect");
    co_return Reply{};
  });
  Wire client = world.connect();
  for (int i = 0; i < 2; ++i) {
    client.send("GET /x" + kHost + "\r\n");
    CHECK(client.read_message().status() == 500);
  }
}

TEST_CASE("control: a stream is sent piece by piece and ends well or visibly not") {
  World world(World::default_options(), stream_numbers);
  Wire client = world.connect();
  client.send("GET /stream/3e" + kHost + "\r\n");
  auto answer = client.read_message();
  CHECK(answer.header("transfer-encoding") == "chunked");
  CHECK(answer.body == "head\n0\n1\n2\n");
  client.send("GET /stream/20000e" + kHost + "\r\n");
  CHECK(client.read_message().body.ends_with("\n19999\n"));
  client.send("GET /stream/2f" + kHost + "\r\n");
  answer = client.read_message();
  CHECK_FALSE(answer.whole);
  CHECK(answer.body == "head\n0\n1\n");
  const auto old = world.call("GET /stream/2e HTTP/1.0\r\n\r\n");
  CHECK(old.body == "head\n0\n1\n");
  CHECK(old.whole);
}

TEST_CASE("control: a stream that waits is cancelled when the client leaves") {
  World world(World::default_options(), stream_numbers);
  for (int i = 0; i < 4; ++i) {
    g_destroyed = 0;
    Wire client = world.connect();
    client.send("GET /stream/1w" + kHost + "\r\n");
    client.read_head();
    CHECK(client.read_chunk() == "head\n");
    CHECK(client.read_chunk() == "0\n");
    CHECK(g_destroyed == 0);
    if (i % 2 == 0)
      client.close();
    else
      client.reset();
    CHECK(eventually([] { return g_destroyed == 1; }));
  }
}

TEST_CASE("control: the gateway ends while a stream is followed, and the stream with it") {
  g_destroyed = 0;
  World world(World::default_options(), stream_numbers);
  Wire client = world.connect();
  client.send("GET /stream/1w" + kHost + "\r\n");
  client.read_head();
  CHECK(client.read_chunk() == "head\n");
  world.end_gateway();
  CHECK(eventually([] { return g_destroyed == 1; }));
}
