// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/health.hpp"

#include "common/base/error.hpp"
#include "daemon/engine/endpoint.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <optional>

namespace cubeflash::daemon {

namespace http = boost::beast::http;
using asio::local::stream_protocol;

awaitable<bool> is_healthy(Endpoint endpoint, std::chrono::milliseconds limit) {
  std::optional<ConnectPath> path;
  try {
    path.emplace(connect_path(endpoint));
  } catch (const Error&) {
    co_return false; // does not listen yet
  }
  boost::beast::basic_stream<stream_protocol> stream(co_await asio::this_coro::executor);
  stream.expires_after(limit);
  const auto [refused] =
      co_await stream.async_connect(stream_protocol::endpoint(path->text()), as_tuple);
  if (refused) co_return false;
  http::request<http::empty_body> request(http::verb::get, "/_/health", 11);
  request.set(http::field::host, "localhost");
  request.set(http::field::connection, "close");
  const auto [unsent, sent] = co_await http::async_write(stream, request, as_tuple);
  if (unsent) co_return false;
  boost::beast::flat_buffer buffer(65536);
  http::response<http::string_body> response;
  const auto [unread, received] = co_await http::async_read(stream, buffer, response, as_tuple);
  co_return !unread && response.result() == http::status::ok;
}

} // namespace cubeflash::daemon
