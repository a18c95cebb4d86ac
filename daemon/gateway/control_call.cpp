// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/control_call.hpp"

#include "common/base/log.hpp"
#include "common/base/text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace cubeflash::daemon {

std::optional<Request> control_request(const RequestParser& parser,
                                       const std::vector<Field>& fields,
                                       const Target& target,
                                       const std::string& peer) {
  auto path = percent_decode(target.path);
  auto query = parse_query(target.query);
  if (!path || !query) return std::nullopt;
  Request request;
  request.method = parser.method;
  request.path = std::move(*path);
  request.query = std::move(*query);
  for (const Field& field : fields)
    request.headers.emplace(to_lower(field.name), std::string(field.value)); // keeps the first
  request.peer = peer;
  return request;
}

ControlCall::ControlCall(std::shared_ptr<Worker> worker, std::shared_ptr<Signal> event)
    : worker_(std::move(worker)), handler_(worker_->shared().handler), event_(std::move(event)),
      control_signal_(worker_->shared().control) {}

void ControlCall::start(Request request) {
  request.body = this;
  const auto self = shared_from_this();
  asio::co_spawn(control_signal_.executor(),
                 handle(self, std::move(request)),
                 asio::bind_cancellation_slot(cancel_.slot(), [self](std::exception_ptr problem) {
                   if (problem) log_error("gateway: answering a request failed unexpectedly");
                 }));
}

awaitable<std::string> ControlCall::read() {
  on_data([](Answer& half) { half.body_wanted = true; });
  while (!piece_ && !body_failure_)
    co_await control_signal_.wait();
  if (body_failure_) throw Error(*body_failure_);
  std::string piece = std::move(*piece_);
  piece_.reset();
  co_return piece;
}

void ControlCall::give_body(std::string piece) {
  on_control(
      [piece = std::move(piece)](ControlCall& call) mutable { call.piece_ = std::move(piece); });
}

void ControlCall::fail_body(ErrorKind kind, std::string text) {
  on_control([error = Error(kind, text)](ControlCall& call) { call.body_failure_ = error; });
}

void ControlCall::give_room() {
  on_control([](ControlCall& call) { call.room_ = true; });
}

void ControlCall::leave() {
  on_control([](ControlCall& call) {
    call.gone_ = true;
    call.body_failure_ = Error(ErrorKind::unavailable, "the client left");
    // A handler that is changing things finishes; only a stream is interrupted, wherever it waits.
    if (call.streaming_) call.cancel_.emit(asio::cancellation_type::terminal);
  });
}

awaitable<Reply> ControlCall::run_handler(Request request) {
  try {
    co_return co_await (*handler_)(std::move(request));
  } catch (const std::exception& error) {
    log_error("gateway: the request handler failed: {}", error.what());
  }
  co_return text_reply(500, "internal error");
}

// False: the stream failed.
awaitable<bool> ControlCall::pull(BodyStream& stream) {
  try {
    while (!gone_) {
      auto piece = co_await stream.next();
      if (!piece) co_return true;
      if (piece->empty()) continue;
      room_ = false;
      on_data([text = std::move(*piece)](Answer& half) mutable {
        half.pieces.push_back(std::move(text));
      });
      while (!room_ && !gone_)
        co_await control_signal_.wait();
    }
  } catch (const std::exception& error) {
    if (!gone_) log_warning("gateway: a streamed answer broke off: {}", error.what());
  }
  co_return false;
}

awaitable<void> ControlCall::handle(std::shared_ptr<ControlCall> call, Request request) {
  Reply reply = co_await call->run_handler(std::move(request));
  const std::unique_ptr<BodyStream> stream = std::move(reply.stream); // stays on the control thread
  const bool streams = stream != nullptr;
  call->on_data([head = std::move(reply), streams](Answer& half) mutable {
    half.streams = streams;
    half.head = std::move(head);
  });
  if (!streams || call->gone_) co_return;
  call->streaming_ = true;
  const bool whole = co_await call->pull(*stream);
  call->streaming_ = false;
  call->on_data([whole](Answer& half) {
    half.ended = true;
    half.broken = !whole;
  });
}

namespace {

constexpr std::chrono::seconds kQuietWhileDraining{1};

awaitable<void>
pass_body(ControlCall& call, ClientStream& client, Signal& event, RequestBody& body) {
  call.answer.body_wanted = false;
  client.expect_bulk();
  if (body.take_continue()) {
    Gather go_on;
    go_on.add("HTTP/1.1 100 Continue\r\n\r\n");
    co_await client.send(go_on); // a failure shows in what follows
  }
  const bool never = false;
  const auto state = co_await body.next(event, &never);
  switch (state) {
  case RequestBody::State::piece:
    call.give_body(std::string(body.piece()));
    body.drop();
    break;
  case RequestBody::State::end:
    call.give_body({});
    break;
  case RequestBody::State::malformed:
    call.fail_body(ErrorKind::invalid, "malformed request body");
    break;
  case RequestBody::State::stalled:
    call.fail_body(ErrorKind::timeout, "the request's body stopped coming");
    break;
  default:
    call.fail_body(ErrorKind::unavailable, "the client left in the middle of its request");
    break;
  }
}

awaitable<bool>
send_piece(ClientStream& client, std::string_view head, std::string_view piece, bool chunks) {
  const std::string line = chunks && !piece.empty() ? chunk_line(piece.size()) : std::string();
  Gather pieces;
  pieces.add(head);
  pieces.add(line);
  pieces.add(piece);
  if (!line.empty()) pieces.add("\r\n");
  co_return co_await client.send(pieces);
}

// A stream that follows something never ends by itself, and must not hold up the end of the daemon.
bool quiet_too_long(const Worker& worker, Deadlines& deadlines) {
  if (!worker.draining()) return false;
  if (deadlines.when(Limit::receive) == Deadlines::Clock::time_point::max())
    deadlines.set(Limit::receive, Deadlines::Clock::now() + kQuietWhileDraining);
  return deadlines.expired(Limit::receive);
}

// False: the client has left or the answer broke off; the connection is of no use any more.
awaitable<bool> send_stream(Worker& worker,
                            ClientStream& client,
                            Signal& event,
                            ControlCall::Answer& answer,
                            ReplyFraming framing,
                            ControlCall& call) {
  const Reply& reply = *answer.head;
  const bool chunks = sends_chunks(reply.status, framing);
  const bool has_body = !framing.to_head && !has_no_body(reply.status);
  const std::string head = reply_head(reply, framing);
  bool sent =
      co_await send_piece(client, head, has_body ? std::string_view(reply.body) : "", chunks);
  if (!has_body) co_return sent;
  while (sent && !client.ended()) {
    if (!answer.pieces.empty()) {
      client.deadlines().clear(Limit::receive);
      sent = co_await send_piece(client, {}, answer.pieces.front(), chunks);
      answer.pieces.pop_front();
      call.give_room();
    } else if (answer.ended || quiet_too_long(worker, client.deadlines())) {
      if (answer.broken) break;
      client.deadlines().clear(Limit::receive);
      if (chunks) sent = co_await send_piece(client, kLastChunk, {}, false);
      co_return sent;
    } else {
      co_await event.wait();
    }
  }
  client.abort(!chunks);
  co_return false;
}

} // namespace

awaitable<Then> answer_from_control(Worker& worker,
                                    ClientStream& client,
                                    std::shared_ptr<Signal> event,
                                    RequestBody& body,
                                    Request request,
                                    ReplyFraming framing) {
  const auto call = std::make_shared<ControlCall>(worker.shared_from_this(), event);
  const ControlCall::Leaving leaving(*call);
  call->start(std::move(request));
  while (!call->answer.head) {
    if (client.aborted()) co_return Then::close;
    if (call->answer.body_wanted)
      co_await pass_body(*call, client, *event, body);
    else
      co_await event->wait();
  }
  framing.keep_alive = framing.keep_alive && !worker.draining();
  framing.streams = call->answer.streams;
  if (!framing.streams) {
    call->answer.ended = true;
    co_return co_await send_reply(client, event, body, std::move(*call->answer.head), framing);
  }
  if (framing.version == 10 || body.unannounced()) framing.keep_alive = false;
  const bool whole = co_await send_stream(worker, client, *event, call->answer, framing, *call);
  if (!whole) co_return Then::close;
  co_return co_await finish_request(client, event, body, framing.keep_alive);
}

} // namespace cubeflash::daemon
