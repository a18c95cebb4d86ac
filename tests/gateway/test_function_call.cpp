// SPDX-License-Identifier: Apache-2.0
#include "common/base/text.hpp"
#include "tests/gateway/world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace cubeflash;
using namespace cubeflash::test;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return text.find(line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("function: every verb reaches the instance and comes back with the call's headers") {
  World world;
  const Instance instance(echo, world.socket_path("f.sock"));
  world.serve("f", {&instance});
  for (const char* verb : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"}) {
    CAPTURE(verb);
    const auto answer = world.call(
        std::string(verb) + " /function/f HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    CHECK(answer.status() == 200);
    CHECK(answer.header("x-call-id").size() == 36);
    CHECK(answer.header("x-start-time").size() == 19);
    CHECK(answer.header("x-served-by").starts_with("cubeflash/"));
    if (std::string(verb) == "HEAD") {
      CHECK(answer.count("content-length") == 1);
      continue;
    }
    CHECK(answer.body.starts_with(std::string(verb) + " / HTTP/1.1\n"));
    CHECK(answer.body.ends_with("\nhi"));
  }
  for (const char* verb : {"TRACE", "BREW", "PROPFIND"}) {
    CAPTURE(verb);
    const auto answer = world.call(std::string(verb) + " /function/f HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(answer.status() == 405);
    CHECK_FALSE(answer.header("allow").empty());
  }
  CHECK(world.function("f").stats->invocations() == 7);
}

TEST_CASE("function: over TCP as well as over unix sockets, whose path may be long") {
  World world;
  const std::string directory = world.socket_path(std::string(150, 'd'));
  std::filesystem::create_directory(directory);
  const Instance far(echo);
  const Instance deep(echo, directory + "/s");
  world.serve("far", {&far});
  world.serve("deep", {&deep});
  CHECK(world.get("/function/far").status() == 200);
  CHECK(world.get("/function/deep").status() == 200);
}

TEST_CASE("function: NAME and NAME.openfaas-fn are the same, path and query arrive byte for byte") {
  World world;
  const Instance instance(echo, world.socket_path("f.sock"));
  world.serve("f", {&instance});

  struct Row {
    const char* target;
    const char* received;
  };

  for (const Row& row :
       {Row{"/function/f", "/"},
        Row{"/function/f/", "/"},
        Row{"/function/f.openfaas-fn", "/"},
        Row{"/function/f.openfaas-fn/a", "/a"},
        Row{"/function/f?a=%20&b", "/?a=%20&b"},
        Row{"/function/f/a//b/../c%2Fd?x=/function/y", "/a//b/../c%2Fd?x=/function/y"},
        Row{"http://other/function/f/z?q", "/z?q"}}) {
    CAPTURE(row.target);
    const auto answer = world.get(row.target);
    CHECK(answer.body.starts_with(std::string("GET ") + row.received + " HTTP/1.1\n"));
  }
}

TEST_CASE("function: an unknown or empty name is a 404 that names it") {
  World world;

  struct Row {
    const char* target;
    const char* text;
  };

  for (const Row& row : {Row{"/function/no", "error finding function no.openfaas-fn"},
                         Row{"/function/no.space/x", "error finding function no.space"},
                         Row{"/function/.openfaas-fn", "error finding function .openfaas-fn"},
                         Row{"/function/", "error finding function .openfaas-fn"}}) {
    CAPTURE(row.target);
    const auto answer = world.get(row.target);
    CHECK(answer.status() == 404);
    CHECK(answer.body.starts_with(row.text));
    CHECK(answer.count("x-call-id") == 1);
  }
}

TEST_CASE("function: request headers pass unchanged but for those of one hop") {
  World world;
  const Instance instance(echo, world.socket_path("f.sock"));
  world.serve("f", {&instance});
  const auto answer =
      world.call("GET /function/f HTTP/1.1\r\nHost: my.host:8080\r\n"
                 "Authorization: Bearer \r\nCookie: a\r\nCookie: b\r\nX-Mixed: MiXed\r\n"
                 "Connection: keep-alive, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\n"
                 "TE: trailers\r\nUpgrade: websocket\r\nProxy-Authorization: x\r\n\r\n");
  const std::string& seen = answer.body;
  CHECK(has_line(seen, "host: my.host:8080"));
  CHECK(has_line(seen, "authorization: Bearer"));
  CHECK(has_line(seen, "cookie: a\ncookie: b"));
  CHECK(has_line(seen, "x-mixed: MiXed"));
  for (const char* gone : {"connection", "x-secret", "keep-alive", "te:", "upgrade", "proxy-"})
    CHECK(seen.find(gone) == std::string::npos);
  CHECK(has_line(seen, "x-forwarded-host: my.host:8080"));
  CHECK(has_line(seen, "x-forwarded-for: 127.0.0.1"));
  CHECK(seen.find("user-agent: cubeflash/") != std::string::npos);
  CHECK(has_line(seen, "x-call-id: " + answer.header("x-call-id")));
  CHECK(has_line(seen, "x-start-time: " + answer.header("x-start-time")));
  CHECK(seen.find("x-timeout: ") != std::string::npos);
}

TEST_CASE("function: what the client has set already is kept, save the start time and a longer "
          "deadline") {
  World world;
  const Instance instance(echo, world.socket_path("f.sock"));
  world.serve("f", {&instance});
  const auto answer = world.call("GET /function/f HTTP/1.1\r\nHost: h\r\nX-Call-Id: mine\r\n"
                                 "X-Forwarded-Host: front\r\nX-Forwarded-For: 10.0.0.1\r\n"
                                 "User-Agent: test\r\nX-Start-Time: 1\r\nX-Timeout: 1m\r\n\r\n");
  CHECK(answer.header("x-call-id") == "mine");
  CHECK(has_line(answer.body, "x-call-id: mine"));
  CHECK(has_line(answer.body, "x-forwarded-host: front"));
  CHECK(has_line(answer.body, "x-forwarded-for: 10.0.0.1"));
  CHECK(has_line(answer.body, "user-agent: test"));
  CHECK_FALSE(has_line(answer.body, "x-start-time: 1"));
  CHECK_FALSE(has_line(answer.body, "x-timeout: 1m"));
  CHECK(has_line(world.call("GET /function/f HTTP/1.1\r\nHost: h\r\nX-Timeout: 250ms\r\n\r\n").body,
                 "x-timeout: 250ms"));
}

TEST_CASE("function: the answer passes as given, redirects and repeated headers included") {
  World world;
  const Instance instance(
      [](Wire& wire, Message& request) {
        wire.read_body(request);
        wire.send(
            "HTTP/1.1 302 Elsewhere\r\nLocation: /there\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
            "X-Call-Id: theirs\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 3\r\n\r\nnew");
        return true;
      },
      world.socket_path("f.sock"));
  world.serve("f", {&instance});
  const auto answer =
      world.call("GET /function/f HTTP/1.1\r\nHost: h\r\nContent-Type: text/html\r\n\r\n");
  CHECK(answer.start == "HTTP/1.1 302 Elsewhere");
  CHECK(answer.header("location") == "/there");
  CHECK(answer.count("set-cookie") == 2);
  CHECK(answer.count("x-call-id") == 1);
  CHECK(answer.header("x-call-id") != "theirs");
  CHECK(answer.count("x-hop") == 0);
  CHECK(answer.header("content-type") ==
        "text/html"); // the request's, since the function gave none
  CHECK(answer.body == "new");
  CHECK(world.get("/function/f").header("content-type") == "text/plain");
}

TEST_CASE("function: answers without a body, and those whose end is the connection's") {
  World world;
  Text text;
  const Instance instance(
      [&](Wire& wire, Message& request) {
        wire.read_body(request);
        wire.send(text.get());
        return text.get().find("Content-Length") != std::string::npos ||
               text.get().find(" 204 ") != std::string::npos;
      },
      world.socket_path("f.sock"));
  world.serve("f", {&instance});
  text = "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n";
  CHECK(world.get("/function/f").status() == 204);
  text = "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n";
  CHECK(world.get("/function/f").status() == 304);
  text =
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  CHECK(world.get("/function/f").body == "ok");
  text = "HTTP/1.0 200 OK\r\n\r\nuntil the end";
  const auto answer = world.get("/function/f");
  CHECK(answer.header("transfer-encoding") == "chunked");
  CHECK(answer.body == "until the end");
}

TEST_CASE("function: three instances share calls that run at the same time evenly") {
  World world;
  std::atomic<bool> go{false};
  const Script slow = [&](Wire& wire, Message&) {
    while (!go)
      std::this_thread::sleep_for(1ms);
    wire.send(ok("x"));
    return true;
  };
  const Instance a(slow, world.socket_path("a")), b(slow, world.socket_path("b")),
      c(slow, world.socket_path("c"));
  world.serve("f", {&a, &b, &c});
  std::vector<Wire> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(world.connect());
    clients.back().send("GET /function/f HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(eventually([&] { return a.requests() + b.requests() + c.requests() == i + 1; }));
  }
  CHECK(a.requests() == 4);
  CHECK(b.requests() == 4);
  CHECK(c.requests() == 4);
  go = true;
  for (auto& client : clients)
    CHECK(client.read_message().status() == 200);
  for (const auto& backend : world.function("f").backends)
    CHECK(eventually([&] { return backend->in_flight == 0; }));
}

TEST_CASE("function: connections to an instance are kept and used again") {
  World world(World::default_options(1));
  const Instance instance(echo, world.socket_path("f.sock"));
  world.serve("f", {&instance});
  for (int i = 0; i < 20; ++i)
    REQUIRE(world.call("POST /function/f HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                .status() == 200);
  CHECK(instance.connections() == 1);
}
