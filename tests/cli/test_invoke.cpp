// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"
#include "cli/commands/invoke.hpp"
#include "common/base/error.hpp"
#include "common/base/fd.hpp"
#include "common/base/file.hpp"
#include "tests/cli/tiny_server.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <sstream>

using namespace cubeflash;
using namespace cubeflash::cli;
using cubeflash::test::TinyReply;
using cubeflash::test::TinyRequest;
using cubeflash::test::TinyServer;

namespace {

struct Call {
  std::ostringstream out;
  std::ostringstream err;
  Context context{.out = out, .err = err};

  int run(const TinyServer& server,
          int in_fd,
          const std::string& method = "POST",
          std::vector<std::string> headers = {}) {
    context.in_fd = in_fd;
    InvokeOptions options;
    options.api.gateway = server.url();
    options.function = "hello";
    options.method = method;
    options.headers = std::move(headers);
    return run_invoke(options, context);
  }
};

Fd null_device() {
  return open_file("/dev/null", O_RDONLY);
}

} // namespace

TEST_CASE("invoke: standard input goes in, the answer comes out, byte for byte") {
  const TinyServer server(
      [](const TinyRequest& request) { return TinyReply{.body = request.body}; });
  Pipe pipe = Pipe::create();
  const std::string bytes("a\0b\n\xFF", 5);
  write_all(pipe.write.get(), bytes);
  pipe.write.reset();
  Call call;
  CHECK(call.run(server, pipe.read.get()) == 0);
  CHECK(call.out.str() == bytes);
  CHECK(call.err.str().empty());
  CHECK(server.requests().front().headers.at("content-type") == "text/plain");
}

TEST_CASE("invoke: GET and HEAD do not wait for a body that nobody sends") {
  const TinyServer server([](const TinyRequest&) { return TinyReply{.body = "ok"}; });
  const Fd null = null_device();
  Pipe idle = Pipe::create(); // stays open: HEAD must not read it
  Call get;
  CHECK(get.run(server, null.get(), "get") == 0);
  CHECK(get.out.str() == "ok");
  Call head;
  CHECK(head.run(server, idle.read.get(), "HEAD") == 0);
  CHECK(head.out.str().empty());
  CHECK(server.requests().front().headers.count("content-type") == 0);
}

TEST_CASE("invoke: a POST of nothing has an empty body") {
  const TinyServer server([](const TinyRequest& request) {
    return TinyReply{.body = std::to_string(request.body_size)};
  });
  const Fd null = null_device();
  Call call;
  CHECK(call.run(server, null.get()) == 0);
  CHECK(call.out.str() == "0");
}

TEST_CASE("invoke: a header of the user's replaces the content type") {
  const TinyServer server([](const TinyRequest&) { return TinyReply{}; });
  const Fd null = null_device();
  Call call;
  CHECK(call.run(server, null.get(), "POST", {"content-type: application/json", "X-A: b"}) == 0);
  const auto request = server.requests().front();
  CHECK(request.headers.at("content-type") == "application/json");
  CHECK(request.headers.at("x-a") == "b");
}

TEST_CASE("invoke: an answer that is no success is an error with the first 4 KiB of its body, and "
          "nothing on stdout") {
  const TinyServer server([](const TinyRequest&) {
    return TinyReply{.status = 500, .body = "boom " + std::string(100'000, 'x')};
  });
  const Fd null = null_device();
  Call call;
  const auto error = error_of([&] { call.run(server, null.get()); });
  CHECK(error.what.rfind("server returned unexpected status code: 500 - boom xxx", 0) == 0);
  CHECK(error.what.size() < 4200);
  CHECK(call.out.str().empty());
}

TEST_CASE("invoke: methods that no function takes and headers that are none are usage errors") {
  const TinyServer server([](const TinyRequest&) { return TinyReply{}; });
  Call call;
  const auto method = error_of([&] { call.run(server, 0, "PSOT"); });
  CHECK(method.kind == ErrorKind::usage);
  CHECK(method.says("did you mean \"POST\"?"));
  for (const char* header : {"novalue", ": x", "A: b\r\nC: d"})
    CHECK(error_of([&] { call.run(server, 0, "GET", {header}); }).kind == ErrorKind::usage);
  CHECK(server.requests().empty());
}
