// SPDX-License-Identifier: Apache-2.0
#include "tests/watchdog/parsed_request.hpp"
#include "watchdog/media_type.hpp"
#include "watchdog/request.hpp"

#include <doctest/doctest.h>

using namespace cubeflash::watchdog;
using cubeflash::test::ParsedRequest;
using Progress = Request::Progress;

TEST_CASE("request: the target is taken apart") {
  struct Row {
    const char* target;
    const char* path;
    const char* query;
    const char* host;
  };

  for (const auto& row : {Row{"/", "/", "", "h"},
                          Row{"/a%20b/%C3%A4", "/a b/\xC3\xA4", "", "h"},
                          Row{"/a?x=%20&y", "/a", "x=%20&y", "h"},
                          Row{"/a?b?c", "/a", "b?c", "h"},
                          Row{"http://other:81/p?q", "/p", "q", "other:81"},
                          Row{"HTTP://other", "/", "", "other"},
                          Row{"//double", "//double", "", "h"}}) {
    CAPTURE(row.target);
    const ParsedRequest parsed(std::string("GET ") + row.target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(parsed.progress == Progress::done);
    CHECK(parsed.request.path() == row.path);
    CHECK(parsed.request.query() == row.query);
    CHECK(parsed.request.host() == row.host);
  }
}

TEST_CASE("request: malformed ones are told from those that are not whole yet") {
  struct Row {
    const char* text;
    Progress progress;
  };

  for (const auto& row :
       {Row{"GET / HTTP/1.1\r\nHost: h\r\n", Progress::more},
        Row{"GET", Progress::more},
        Row{"garbage\r\n\r\n", Progress::malformed},
        Row{"GET /%zz HTTP/1.1\r\n\r\n", Progress::malformed},
        Row{"GET /%0 HTTP/1.1\r\n\r\n", Progress::malformed},
        Row{"GET /%00 HTTP/1.1\r\n\r\n", Progress::malformed},
        Row{"GET nowhere HTTP/1.1\r\n\r\n", Progress::malformed},
        Row{"GET / HTTP/3.7\r\n\r\n", Progress::malformed},
        Row{"GET / HTTP/1.1\r\nbad header\r\n\r\n", Progress::malformed},
        Row{"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", Progress::malformed},
        Row{"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            Progress::malformed},
        Row{"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            Progress::malformed}}) {
    CAPTURE(row.text);
    CHECK(ParsedRequest(row.text).progress == row.progress);
  }
}

TEST_CASE("request: a chunked body is decoded, whatever pieces it arrives in") {
  const std::string_view body = "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t step = 1; step <= body.size(); ++step) {
    CAPTURE(step);
    ParsedRequest parsed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(parsed.request.content_length() == -1);
    CHECK(parsed.request.is_chunked());
    std::string decoded;
    auto progress = Progress::more;
    for (std::size_t at = 0; at < body.size(); at += step) {
      parsed.add(body.substr(at, step));
      for (std::size_t produced = 1; produced > 0 && progress == Progress::more;) {
        char piece[4]; // smaller than a chunk
        progress = parsed.request.parse_body(parsed.input, piece, sizeof piece, produced);
        decoded.append(piece, produced);
      }
    }
    CHECK(progress == Progress::done);
    CHECK(decoded == "hello world");
  }
}

TEST_CASE("request: a chunk's size that is no number is malformed") {
  ParsedRequest parsed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
  char piece[16];
  std::size_t produced = 0;
  CHECK(parsed.request.parse_body(parsed.input, piece, sizeof piece, produced) ==
        Progress::malformed);
  CHECK_FALSE(parsed.request.problem().empty());
}

TEST_CASE("request: header names become canonical as Go writes them") {
  CHECK(canonical_header_name("x-call-ID") == "X-Call-Id");
  CHECK(canonical_header_name("ACCEPT") == "Accept");
  CHECK(canonical_header_name("x_foo-bAR") == "X_foo-Bar");
}

TEST_CASE("media type: a guess from the first bytes") {
  struct Row {
    std::string_view body;
    std::string_view type;
  };

  using namespace std::string_view_literals;
  for (const auto& row : {Row{"", "text/plain; charset=utf-8"},
                          Row{"hello", "text/plain; charset=utf-8"},
                          Row{"{\"a\":1}", "text/plain; charset=utf-8"},
                          Row{" \n<!DOCTYPE HTML>", "text/html; charset=utf-8"},
                          Row{"<html>", "text/html; charset=utf-8"},
                          Row{"\x89PNG\r\n\x1a\n...", "image/png"},
                          Row{"\xff\xd8\xff\xe0", "image/jpeg"},
                          Row{"a\0b"sv, "application/octet-stream"}}) {
    CAPTURE(row.body);
    CHECK(guess_media_type(row.body) == row.type);
  }
}
