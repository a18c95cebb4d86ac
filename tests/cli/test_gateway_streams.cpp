// SPDX-License-Identifier: Apache-2.0
// Bodies of any size and of any duration, through GatewayClient.
#include "cli/gateway_client.hpp"
#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "tests/cli/tiny_server.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace cubeflash;
using namespace cubeflash::cli;
using cubeflash::test::TinyReply;
using cubeflash::test::TinyRequest;
using cubeflash::test::TinyServer;

namespace {

constexpr std::uint64_t kHundredMegabytes = 100ULL << 20U;

long peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// One chunk at a time, when the test says so.
class Chunks {
 public:
  void push(const std::string& chunk) {
    const std::scoped_lock lock(mutex_);
    pending_ += chunk;
    changed_.notify_all();
  }

  void end() {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  std::string next() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(30), [&] { return ended_ || !pending_.empty(); });
    return std::exchange(pending_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string pending_;
  bool ended_ = false;
};

std::string line(const std::string& text) {
  return R"({"name":"hello","namespace":"openfaas-fn","instance":"i","timestamp":"2026-01-02T03:04:05.000000006Z","text":")" +
         text + "\"}\n";
}

} // namespace

TEST_CASE("invoke: 100 MB in from a file and 100 MB out, in constant memory") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const Fd file = open_file(directory.path() / "body", O_RDWR | O_CREAT);
  REQUIRE(::ftruncate(file.get(), static_cast<off_t>(kHundredMegabytes)) == 0);
  const TinyServer server([](const TinyRequest&) { return TinyReply{.zeros = kHundredMegabytes}; });
  const GatewayClient client(server.url(), {});
  const long before = peak_kilobytes();
  std::uint64_t received = 0;
  const auto outcome =
      client.invoke({.function = {"hello"}, .body_fd = file.get()},
                    [&](unsigned, std::string_view piece) { received += piece.size(); });
  CHECK(outcome.status == 200);
  CHECK(received == kHundredMegabytes);
  CHECK(server.requests().front().body_size == kHundredMegabytes);
  CHECK(server.requests().front().headers.at("content-length") ==
        std::to_string(kHundredMegabytes));
  CHECK(peak_kilobytes() - before < 32 * 1024);
}

TEST_CASE("invoke: a pipe's body is sent in chunks, as much as there is") {
  Pipe pipe = Pipe::create();
  std::thread writer([fd = std::move(pipe.write)] {
    for (int i = 0; i < 1000; ++i)
      write_all(fd.get(), std::string(10'000, 'x'));
  });
  const TinyServer server([](const TinyRequest&) { return TinyReply{.body = "ok"}; });
  std::string answer;
  GatewayClient(server.url(), {})
      .invoke({.function = {"hello"}, .body_fd = pipe.read.get()},
              [&](unsigned, std::string_view piece) { answer += piece; });
  writer.join();
  CHECK(answer == "ok");
  CHECK(server.requests().front().body_size == 10'000'000);
  CHECK(server.requests().front().headers.at("transfer-encoding") == "chunked");
}

TEST_CASE("invoke: an answer is shown while the body is still open") {
  Pipe pipe = Pipe::create();
  write_all(pipe.write.get(), "first");
  const TinyServer server([](const TinyRequest&) { return TinyReply{.body = "early"}; }, true);
  std::string answer;
  GatewayClient(server.url(), {})
      .invoke({.function = {"hello"}, .body_fd = pipe.read.get()},
              [&](unsigned, std::string_view piece) {
                answer += piece;
                pipe.write
                    .reset(); // only now does the body end: waiting for it first would be for ever
              });
  CHECK(answer == "early");
}

TEST_CASE("invoke: method, path, query and headers go through; the admin's token does not") {
  const TinyServer server([](const TinyRequest&) {
    return TinyReply{.status = 418, .headers = {{"X-Answer", "yes"}}, .body = "teapot"};
  });
  unsigned seen = 0;
  const auto outcome = GatewayClient(server.url(), {.token = "secret"})
                           .invoke({.function = {"hello", "dev"},
                                    .method = "DELETE",
                                    .path = "/a/b",
                                    .query = {{"k", "v w"}, {"x", "&"}},
                                    .headers = {"X-Mine: 1"}},
                                   [&](unsigned status, std::string_view) { seen = status; });
  CHECK(outcome.status == 418);
  CHECK(seen == 418);
  const auto request = server.requests().front();
  CHECK(request.method == "DELETE");
  CHECK(request.target == "/function/hello.dev/a/b?k=v%20w&x=%26");
  CHECK(request.headers.at("x-mine") == "1");
  CHECK(request.headers.count("authorization") == 0);
  CHECK(request.headers.count("expect") == 0);
}

TEST_CASE("invoke: HEAD ends without a body, and a redirect is not followed") {
  const TinyServer server([](const TinyRequest&) {
    return TinyReply{.status = 302, .headers = {{"Location", "/elsewhere"}}, .body = "moved"};
  });
  const GatewayClient client(server.url(), {});
  CHECK(client.invoke({.function = {"hello"}, .method = "HEAD"}, [](unsigned, std::string_view) {})
            .status == 302);
  CHECK(client.invoke({.function = {"hello"}, .method = "GET"}, [](unsigned, std::string_view) {})
            .status == 302);
  CHECK(server.lines().size() == 2);
}

TEST_CASE("invoke: an error answered before the whole body was read is the result") {
  Pipe pipe = Pipe::create();
  std::thread writer([fd = std::move(pipe.write)] {
    try {
      for (int i = 0; i < 100; ++i)
        write_all(fd.get(), std::string(100'000, 'x'));
    } catch (const SystemError&) {
      // The rest was not wanted.
    }
  });
  const TinyServer server(
      [](const TinyRequest&) { return TinyReply{.status = 413, .body = "too large"}; }, true);
  std::string answer;
  const auto outcome = GatewayClient(server.url(), {})
                           .invoke({.function = {"hello"}, .body_fd = pipe.read.get()},
                                   [&](unsigned, std::string_view piece) { answer += piece; });
  pipe.read.reset();
  writer.join();
  CHECK(outcome.status == 413);
  CHECK(answer == "too large");
}

TEST_CASE("invoke: what the sink throws ends the call and comes out") {
  const TinyServer server([](const TinyRequest&) { return TinyReply{.zeros = kHundredMegabytes}; });
  CHECK_THROWS_AS(GatewayClient(server.url(), {})
                      .invoke({.function = {"hello"}}, [](unsigned, std::string_view) { throw 7; }),
                  int);
}

TEST_CASE("logs: lines are told as they come, however the pieces are cut") {
  Chunks chunks;
  const TinyServer server(
      [&](const TinyRequest&) { return TinyReply{.more = [&] { return chunks.next(); }}; });
  chunks.push(line("one") + line("two").substr(0, 20));
  std::vector<std::string> texts;
  GatewayClient(server.url(), {})
      .logs(
          {.function = {"hello"}, .tail = 5, .follow = true, .since = "2026-01-01T00:00:00+01:00"},
          [&](const LogLine& entry) {
            texts.push_back(entry.text);
            if (texts.size() == 1)
              chunks.push(line("two").substr(20) + "\n\n" +
                          line("three")); // only after the first arrived
            if (texts.size() == 3) chunks.end();
            return true;
          });
  CHECK(texts == std::vector<std::string>{"one", "two", "three"});
  CHECK(server.lines().front() == "GET "
                                  "/system/"
                                  "logs?name=hello&namespace=openfaas-fn&follow=true&tail=5&since="
                                  "2026-01-01T00%3A00%3A00%2B01%3A00");
}

TEST_CASE("logs: ends when it is told to, without an error") {
  Chunks chunks;
  const TinyServer server(
      [&](const TinyRequest&) { return TinyReply{.more = [&] { return chunks.next(); }}; });
  chunks.push(line("one") + line("two"));
  int count = 0;
  GatewayClient(server.url(), {})
      .logs({.function = {"hello"}, .follow = true}, [&](const LogLine&) { return ++count < 1; });
  CHECK(count == 1);
  chunks.end();
}

TEST_CASE("logs: an unknown function, a refusal and a line without end are errors") {
  unsigned status = 404;
  std::uint64_t zeros = 0;
  const TinyServer server([&](const TinyRequest&) {
    return TinyReply{.status = status, .body = "no logs here", .zeros = zeros};
  });
  const GatewayClient client(server.url(), {});
  const auto read = [&] {
    client.logs({.function = {"hello"}}, [](const LogLine&) { return true; });
  };
  CHECK(error_of(read).kind == ErrorKind::not_found);
  status = 501;
  CHECK(error_of(read).kind == ErrorKind::unsupported);
  CHECK(error_of(read).says("no logs here"));
  status = 200;
  zeros = 5U << 20U;
  CHECK(error_of(read).kind == ErrorKind::too_large);
}
