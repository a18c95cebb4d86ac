// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/reply_head.hpp"

#include <doctest/doctest.h>

using namespace cubeflash::daemon;

TEST_CASE("reply head: length, connection and own headers") {
  Reply reply = text_reply(404, "no such thing");
  CHECK(reply_head(reply, {}) ==
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 14\r\n\r\n");
  reply.headers = {{"Content-Length", "99"}, {"X-A", "b"}, {"connection", "x"}};
  CHECK(reply_head(reply, {.keep_alive = false}) ==
        "HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 14\r\nConnection: close\r\n\r\n");
  CHECK(reply_head(reply, {.version = 10}).find("Connection: keep-alive\r\n") != std::string::npos);
}

TEST_CASE("reply head: a value cannot bring headers of its own") {
  Reply reply;
  reply.headers = {{"X-A", "b\r\nSet-Cookie: c"}};
  CHECK(reply_head(reply, {}).find("X-A: b  Set-Cookie: c\r\n") != std::string::npos);
}

TEST_CASE(
    "reply head: streams go in chunks to those who know them, and some answers have no body") {
  Reply reply;
  CHECK(reply_head(reply, {.streams = true}).find("Transfer-Encoding: chunked\r\n") !=
        std::string::npos);
  const auto old = reply_head(reply, {.version = 10, .keep_alive = false, .streams = true});
  CHECK(old.find("chunked") == std::string::npos);
  CHECK(old.find("Content-Length") == std::string::npos);
  reply.status = 204;
  CHECK(reply_head(reply, {}) == "HTTP/1.1 204 No Content\r\n\r\n");
}
