// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/tiny_server.hpp"

#include "common/base/text.hpp"
#include "common/net/asio.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

namespace cubeflash::test {

namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kKept = 1U << 20U;

TinyRequest head_of(const http::request<http::buffer_body>& message) {
  TinyRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message)
    request.headers[to_lower(std::string(field.name_string()))] = std::string(field.value());
  return request;
}

// False when the client went away.
bool read_body(tcp::socket& socket,
               boost::beast::flat_buffer& buffer,
               http::request_parser<http::buffer_body>& parser,
               TinyRequest& request) {
  std::array<char, 65536> piece{};
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    error_code ec;
    http::read(socket, buffer, parser, ec);
    if (ec && ec != http::error::need_buffer) return false;
    const auto n = piece.size() - parser.get().body().size;
    request.body_size += n;
    request.body.append(piece.data(), std::min(n, kKept - std::min(kKept, request.body.size())));
  }
  return true;
}

void write_chunk(tcp::socket& socket, const std::string& piece, error_code& ec) {
  if (!piece.empty() && !ec) asio::write(socket, http::make_chunk(asio::buffer(piece)), ec);
}

void write_reply(tcp::socket& socket, const TinyReply& reply, bool with_body) {
  error_code ec;
  if (reply.reset) {
    socket.set_option(asio::socket_base::linger(true, 0), ec);
    socket.close(ec);
    return;
  }
  http::response<http::empty_body> head;
  head.version(11);
  head.result(reply.status);
  head.set(http::field::connection, "close");
  for (const auto& [name, value] : reply.headers)
    head.set(name, value);
  head.chunked(true);
  http::response_serializer<http::empty_body> serializer(head);
  http::write_header(socket, serializer, ec);
  if (!with_body) return;
  write_chunk(socket, reply.body, ec);
  const std::string zeros(65536, '\0');
  for (std::uint64_t left = reply.zeros; left > 0 && !ec;
       left -= std::min<std::uint64_t>(left, zeros.size()))
    write_chunk(socket, zeros.substr(0, std::min<std::uint64_t>(left, zeros.size())), ec);
  if (reply.more)
    for (auto piece = reply.more(); !piece.empty() && !ec; piece = reply.more())
      write_chunk(socket, piece, ec);
  if (!ec) asio::write(socket, http::make_chunk_last(), ec);
}

} // namespace

struct TinyServer::State {
  State(TinyHandler answer, bool answers_early)
      : handler(std::move(answer)), early(answers_early) {}

  asio::io_context context;
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  TinyHandler handler;
  bool early;
  mutable std::mutex mutex; // the rest
  std::vector<TinyRequest> seen;
  int open_socket = -1;
  bool stopping = false;
  std::thread thread;

  void serve() {
    for (;;) {
      error_code ec;
      tcp::socket socket(context);
      acceptor.accept(socket, ec);
      if (ec) return;
      {
        const std::scoped_lock lock(mutex);
        if (stopping) return;
        open_socket = socket.native_handle();
      }
      converse(socket);
      const std::scoped_lock lock(mutex);
      open_socket = -1;
    }
  }

  void converse(tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    http::request_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    error_code ec;
    http::read_header(socket, buffer, parser, ec);
    if (ec) return;
    auto request = head_of(parser.get());
    if (!early && !read_body(socket, buffer, parser, request)) return;
    {
      const std::scoped_lock lock(mutex);
      seen.push_back(request);
    }
    write_reply(socket, handler(request), request.method != "HEAD");
    if (!socket.is_open()) return;
    // What is unread would make the kernel send a reset over the answer.
    socket.shutdown(tcp::socket::shutdown_send, ec);
    if (early) read_body(socket, buffer, parser, request);
  }
};

TinyServer::TinyServer(TinyHandler handler, bool early)
    : state_(std::make_unique<State>(std::move(handler), early)) {
  state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

TinyServer::~TinyServer() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
    ::shutdown(state_->acceptor.native_handle(), SHUT_RDWR);
    if (state_->open_socket >= 0) ::shutdown(state_->open_socket, SHUT_RDWR);
  }
  state_->thread.join();
}

std::string TinyServer::url() const {
  return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

std::vector<std::string> TinyServer::lines() const {
  std::vector<std::string> lines;
  for (const auto& request : requests())
    lines.push_back(request.method + ' ' + request.target);
  return lines;
}

std::vector<TinyRequest> TinyServer::requests() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->seen;
}

} // namespace cubeflash::test
