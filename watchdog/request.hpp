// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.1 request: its header taken apart, its body decoded piece by piece. It refuses to know
// where bytes come from.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::watchdog {

class Request {
 public:
  static constexpr std::size_t kHeaderLimit = 1U << 20U;

  enum class Progress { more, done, malformed, too_large };

  Request();

  // Consumes a header from `input`; `more` when it is not whole yet.
  Progress parse_header(boost::beast::flat_buffer& input);

  // Consumes body from `input` and decodes it into `out`; sets `produced`. `more` also while
  // decoded bytes may follow.
  Progress
  parse_body(boost::beast::flat_buffer& input, char* out, std::size_t size, std::size_t& produced);

  // Why it is malformed, for people.
  const std::string& problem() const { return problem_; }

  // What follows is valid once the header is whole.
  std::string_view method() const;

  const std::string& path() const { return path_; } // decoded

  std::string_view query() const { return query_; } // as sent

  const std::string& host() const { return host_; }

  // The first one of that name; absent is "".
  std::string_view header(std::string_view name) const;

  // Canonical names ("X-Call-Id") with their values in the order of arrival, without those that
  // HTTP itself used up: Host, Transfer-Encoding, Trailer.
  using Headers = std::map<std::string, std::vector<std::string_view>>;
  Headers headers() const;

  // -1 when unknown (chunked).
  std::int64_t content_length() const;

  bool is_chunked() const { return parser_.chunked(); }

  bool body_is_done() const { return parser_.is_done(); }

  bool expects_continue() const;

  bool keep_alive() const { return parser_.get().keep_alive(); }

  bool is_http_1_0() const { return parser_.get().version() == 10; }

 private:
  bool parse_target(std::string_view target);

  boost::beast::http::request_parser<boost::beast::http::buffer_body> parser_;
  std::string path_;
  std::string_view query_;
  std::string host_;
  std::string problem_;
};

// "x-call-ID" -> "X-Call-Id"
std::string canonical_header_name(std::string_view name);

} // namespace cubeflash::watchdog
