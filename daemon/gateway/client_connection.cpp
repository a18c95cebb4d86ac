// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/client_connection.hpp"

#include "daemon/gateway/control_call.hpp"
#include "daemon/gateway/function_call.hpp"
#include "daemon/gateway/worker.hpp"
#include "daemon/http/head_scanner.hpp"
#include "daemon/http/header_rules.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/target.hpp"

#include <algorithm>
#include <utility>

namespace cubeflash::daemon {

ClientConnection::ClientConnection(Worker& worker, int socket)
    : worker_(worker), peer_(peer_name(socket, true)), peer_address_(peer_name(socket, false)),
      event_(std::make_shared<Signal>(worker.io().get_executor())),
      client_(worker.io(), socket, worker.shared().options.body_idle_timeout, event_) {}

awaitable<void> ClientConnection::serve() {
  client_.start();
  Then then = Then::next_request;
  for (bool first = true; then == Then::next_request; first = false) {
    const Read read = co_await read_head(first);
    if (read != Read::head) {
      then = read == Read::refused ? Then::close_gently : Then::close;
      break;
    }
    then = co_await answer();
    if (then == Then::next_request) co_await client_.rest();
  }
  co_await client_.close(then == Then::close_gently);
}

awaitable<ClientConnection::Read> ClientConnection::read_head(bool first) {
  const GatewayOptions& options = worker_.shared().options;
  Deadlines& deadlines = client_.deadlines();
  const auto now = Deadlines::Clock::now();
  deadlines.set(Limit::receive, now + (first ? options.header_timeout : options.idle_timeout));
  HeadScanner scanner;
  bool begun = false;
  for (;;) {
    while (!begun && client_.input().starts_with("\r\n"))
      client_.consume(2); // RFC 9112, 2.2
    const auto input = client_.input();
    const auto scanned = scanner.scan(input);
    if (scanned == HeadScanner::Result::complete) break;
    if (scanned == HeadScanner::Result::malformed)
      co_return co_await refuse(400, "malformed header: lines end with CR LF and are not folded");
    if (input.size() >= options.max_header_bytes)
      co_return co_await refuse(
          431, fmt::format("the header is larger than {} bytes", options.max_header_bytes));
    if (client_.ended() || (input.empty() && worker_.draining())) co_return Read::closed;
    if (deadlines.expired(Limit::receive)) {
      if (input.empty()) co_return Read::closed;
      co_return co_await refuse(408, "the header took too long");
    }
    if (!begun && !input.empty()) {
      begun = true;
      if (!first) deadlines.set(Limit::receive, Deadlines::Clock::now() + options.header_timeout);
    }
    client_.make_room();
    if (client_.input_full())
      client_.grow(
          std::min(client_.input_capacity() * 2, std::max(options.max_header_bytes, kSmallBuffer)));
    else
      co_await event_->wait();
  }
  deadlines.clear(Limit::receive);
  head_length_ = scanner.length();
  if (head_length_ > options.max_header_bytes)
    co_return co_await refuse(
        431, fmt::format("the header is larger than {} bytes", options.max_header_bytes));
  co_return Read::head;
}

awaitable<ClientConnection::Read> ClientConnection::refuse(unsigned status, std::string text) {
  const Reply reply = text_reply(status, std::move(text));
  const std::string head = reply_head(reply, {.keep_alive = false});
  Gather pieces;
  pieces.add(head);
  pieces.add(reply.body);
  const bool sent = co_await client_.send(pieces);
  co_return sent ? Read::refused : Read::closed;
}

ReplyFraming ClientConnection::framing() const {
  return {.version = parser_->version,
          .keep_alive = parser_->keep_alive() && !worker_.draining(),
          .to_head = parser_->verb == http::verb::head};
}

awaitable<Then> ClientConnection::answer() {
  parser_.emplace(fields_);
  if (!parser_->parse_head(client_.input().substr(0, head_length_))) {
    co_await refuse(400, "malformed request");
    co_return Then::close_gently;
  }
  if (auto refusal = check_request(*parser_, fields_)) {
    co_await refuse(refusal->status, std::move(refusal->text));
    co_return Then::close_gently;
  }
  const auto target = split_target(parser_->target);
  if (!target) {
    co_await refuse(400, "malformed request target");
    co_return Then::close_gently;
  }
  const bool expects =
      parser_->version == 11 && find_field(fields_, http::field::expect) != nullptr;
  co_return co_await route(*target, expects);
}

awaitable<Then> ClientConnection::route(Target target, bool expects_continue) {
  const auto idle = worker_.shared().options.body_idle_timeout;
  if (const auto function = function_target(target.path)) {
    FunctionCall call({worker_, client_, event_, buffers_},
                      *parser_,
                      fields_,
                      function->name,
                      peer_address_,
                      function->rest,
                      target.query);
    client_.consume(head_length_);
    RequestBody body(client_, *parser_, idle, expects_continue);
    co_return co_await call.run(body);
  }
  if (target.path == "/healthz") co_return co_await answer_health(expects_continue);
  auto request = control_request(*parser_, fields_, target, peer_);
  if (!request) {
    co_await refuse(400, "malformed percent-encoding in the request target");
    co_return Then::close_gently;
  }
  const ReplyFraming how = framing();
  client_.consume(head_length_);
  RequestBody body(client_, *parser_, idle, expects_continue);
  co_return co_await answer_from_control(worker_, client_, event_, body, std::move(*request), how);
}

awaitable<Then> ClientConnection::answer_health(bool expects_continue) {
  const ReplyFraming how = framing();
  const bool reads = parser_->verb == http::verb::get || parser_->verb == http::verb::head;
  client_.consume(head_length_);
  RequestBody body(client_, *parser_, worker_.shared().options.body_idle_timeout, expects_continue);
  Reply reply = text_reply(405, "GET or HEAD");
  if (reads) reply = worker_.draining() ? text_reply(503, "draining") : text_reply(200, "OK");
  if (reads && reply.status == 200) reply.body = "OK";
  if (!reads) reply.headers.emplace_back("Allow", "GET, HEAD");
  co_return co_await send_reply(client_, event_, body, std::move(reply), how);
}

} // namespace cubeflash::daemon
