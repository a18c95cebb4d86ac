// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange over libcurl. Failures of the connection are Errors; a status of any
// kind is a result. It refuses to know what is asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cubeflash::cli {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers; // "Name: value"
  std::string body;                 // sent when `body_fd` is -1 and the method may have one
  int body_fd = -1;                 // streamed until its end, or until body_size when that is known
  std::optional<std::uint64_t> body_size;
  bool verify_tls = true;
  std::chrono::milliseconds timeout{0};       // whole exchange; 0: none
  std::chrono::milliseconds stall_timeout{0}; // no byte in either direction; 0: none
};

struct HttpAnswer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body; // empty when there was a sink

  std::string
  header(std::string_view name) const; // first of that name, case ignored; "" when absent
};

// Told each piece of the answer's body; false ends the exchange, which is then no error.
using BodySink = std::function<bool(const HttpAnswer& head, std::string_view piece)>;

// Throws Error(unavailable) when the peer cannot be reached or goes away, timeout, denied for a
// certificate, invalid for a URL. Redirects are not followed.
HttpAnswer exchange(const HttpRequest& request, const BodySink& sink = {});

// For one path segment or one query value.
std::string percent_encode(std::string_view text);

// The host of a URL, without brackets; nullopt when it is no http(s) URL.
std::optional<std::string> host_of(const std::string& url);

// 127.0.0.0/8, ::1 or localhost.
bool is_local_host(std::string_view host);

} // namespace cubeflash::cli
