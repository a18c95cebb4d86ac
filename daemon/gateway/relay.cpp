// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/relay.hpp"

#include "common/base/log.hpp"
#include "daemon/http/head_scanner.hpp"
#include "daemon/http/reply_head.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace cubeflash::daemon {

namespace {

constexpr std::size_t kMostHead = 1U << 20U; // of an answer

constexpr std::size_t kMostChunkHeader = 4U << 10U;

} // namespace

Relay::Relay(asio::io_context& io,
             ClientStream& client,
             std::shared_ptr<Signal> event,
             RequestBody& body,
             Upstream& upstream,
             RelayBuffers& buffers)
    : io_(io), client_(client), event_(std::move(event)), body_(body), upstream_(upstream),
      buffers_(buffers), pump_signal_(io.get_executor()) {}

awaitable<Outcome> Relay::run(const CallFacts& facts, std::string head, const bool& draining) {
  client_.set_observer([this] { observe(); });
  Outcome outcome = co_await send_request(head);
  if (outcome == Outcome::answered) outcome = co_await receive_head(facts);
  if (outcome == Outcome::answered) outcome = co_await relay_answer(facts, draining);
  upstream_reusable_ = outcome == Outcome::answered && !pumping_ && parser_->keep_alive() &&
                       upstream_.input().empty() && body_state_ == RequestBody::State::end;
  co_await stop_pump();
  client_.set_observer({});
  co_return outcome;
}

// What ends a call from outside: the client leaves or a deadline passes.
void Relay::observe() {
  pump_signal_.notify();
  if (client_.ended()) upstream_.close();
  if (!client_.deadlines().expired(Limit::call)) return;
  upstream_.close();
  // Without a length or chunks only a reset tells a broken answer from a whole one.
  if (begun_) client_.abort(framing_ == AnswerFraming::until_close);
}

Outcome Relay::failure(Outcome otherwise) const {
  if (client_.ended() || client_.aborted()) return begun_ ? Outcome::cut_off : Outcome::client_gone;
  if (begun_) return Outcome::cut_off;
  if (body_state_ == RequestBody::State::malformed) return Outcome::bad_body;
  if (body_state_ == RequestBody::State::stalled) return Outcome::stalled;
  if (client_.deadlines().expired(Limit::call)) return Outcome::expired;
  return otherwise;
}

void Relay::add_piece(Gather& gather) {
  if (!chunked_body_) {
    gather.add(body_.piece());
    return;
  }
  chunk_line_ = chunk_line(body_.piece().size());
  gather.add(chunk_line_);
  gather.add(body_.piece());
  gather.add("\r\n");
  if (body_.complete()) gather.add(kLastChunk);
}

awaitable<Outcome> Relay::send_request(std::string_view head) {
  chunked_body_ = body_.chunked();
  const auto state = body_.look();
  if (state == RequestBody::State::malformed) co_return Outcome::bad_body;
  Gather request;
  request.add(head);
  if (state == RequestBody::State::piece) add_piece(request);
  if (state == RequestBody::State::end && chunked_body_) request.add(kLastChunk);
  const bool alive = upstream_.send_now(request);
  sent_any_ = request.begun();
  if (!alive && !sent_any_) co_return failure(Outcome::no_answer);
  if (!alive)
    co_return Outcome::answered; // closed in the middle of the request: the answer may be there
                                 // already
  if (request.empty() && body_.complete()) {
    body_state_ =
        RequestBody::State::end; // the piece stays until it is known that it need not be sent again
    co_return Outcome::answered;
  }
  if (body_.take_continue()) {
    Gather go_on;
    go_on.add("HTTP/1.1 100 Continue\r\n\r\n");
    const bool sent = co_await client_.send(go_on);
    if (!sent) co_return Outcome::client_gone;
  }
  client_.expect_bulk();
  pumping_ = true;
  asio::co_spawn(io_, pump(request, body_.complete()), [this](std::exception_ptr problem) {
    if (problem) log_error("gateway: passing on a request's body failed unexpectedly");
    pumping_ = false;
    const bool broken = body_state_ == RequestBody::State::malformed ||
                        body_state_ == RequestBody::State::stalled ||
                        body_state_ == RequestBody::State::gone;
    if (problem || broken) upstream_.close(); // ends the wait for the answer
    event_->notify();
  });
  co_return Outcome::answered;
}

awaitable<void> Relay::pump(Gather rest, bool ends_with_rest) {
  const bool sent = co_await upstream_.send(rest);
  if (!sent) co_return; // an early answer may still come
  body_.drop();
  if (ends_with_rest) {
    body_state_ = RequestBody::State::end;
    co_return;
  }
  co_await pump_pieces();
}

awaitable<void> Relay::pump_pieces() {
  for (;;) {
    const auto state = co_await body_.next(pump_signal_, &stop_pump_);
    Gather gather;
    if (state == RequestBody::State::piece)
      add_piece(gather);
    else if (state == RequestBody::State::end && chunked_body_)
      gather.add(kLastChunk);
    else if (state != RequestBody::State::end) {
      body_state_ = state;
      co_return;
    }
    const bool sent = co_await upstream_.send(gather);
    if (!sent) co_return;
    const bool last = body_.complete();
    body_.drop();
    if (last) {
      body_state_ = RequestBody::State::end;
      co_return;
    }
  }
}

awaitable<void> Relay::stop_pump() {
  if (!pumping_) co_return;
  stop_pump_ = true;
  upstream_.close();
  pump_signal_.notify();
  while (pumping_)
    co_await event_->wait();
}

awaitable<Outcome> Relay::receive_head(const CallFacts& facts) {
  HeadScanner scanner;
  for (;;) {
    InputBuffer& input = upstream_.input();
    const auto scanned = scanner.scan(input.view());
    if (scanned == HeadScanner::Result::malformed) co_return failure(Outcome::bad_answer);
    if (scanned == HeadScanner::Result::complete) {
      parser_.emplace(buffers_.fields);
      if (facts.verb == http::verb::head) parser_->expect_no_body();
      const bool parsed = parser_->parse_head(input.view().substr(0, scanner.length()));
      if (!parsed || parser_->status == 101) co_return failure(Outcome::bad_answer);
      if (parser_->status / 100 != 1) break;
      input.consume(scanner.length()); // 100 and 103 are between the instance and us
      scanner = {};
      continue;
    }
    if (input.size() > kMostHead) co_return failure(Outcome::bad_answer);
    const auto error = co_await upstream_.receive();
    if (error)
      co_return failure(upstream_.input().empty() ? Outcome::no_answer : Outcome::bad_answer);
  }
  head_length_ = scanner.length();
  co_return Outcome::answered;
}

awaitable<bool> Relay::send_piece(std::string_view piece, bool last) {
  Gather gather;
  gather.add(buffers_.head); // empty but for the first piece
  std::string line;
  if (framing_ != AnswerFraming::chunked) {
    gather.add(piece);
  } else {
    if (!piece.empty()) {
      line = chunk_line(piece.size());
      gather.add(line);
      gather.add(piece);
      gather.add("\r\n");
    }
    if (last) gather.add(kLastChunk);
  }
  begun_ = true;
  bool sent = client_.send_now(gather);
  if (sent && !gather.empty()) sent = co_await client_.send(gather);
  buffers_.head.clear();
  if (pumping_) body_.extend_idle();
  co_return sent;
}

awaitable<Outcome> Relay::relay_answer(const CallFacts& facts, const bool& draining) {
  framing_ = answer_framing(*parser_, facts);
  closes_ = draining || !facts.keep_alive || framing_ == AnswerFraming::until_close ||
            body_.unannounced();
  buffers_.head.clear();
  append_answer_head(buffers_.head, *parser_, buffers_.fields, facts, framing_, !closes_);
  upstream_.input().consume(head_length_);
  for (;;) {
    ResponseParser::Decoded decoded;
    InputBuffer& input = upstream_.input();
    if (!parser_->complete()) decoded = parser_->decode(input.data(), input.size());
    const bool endless = decoded.consumed == 0 && input.size() > kMostChunkHeader;
    if (!decoded.ok || endless) co_return failure(Outcome::bad_answer);
    const bool last = parser_->complete();
    const std::string_view piece = input.view().substr(0, decoded.produced);
    if (!piece.empty() || last || !buffers_.head.empty()) {
      const bool sent = co_await send_piece(piece, last);
      if (!sent) co_return Outcome::client_gone;
    }
    input.consume(decoded.consumed);
    if (last) co_return Outcome::answered;
    upstream_.expect_bulk();
    const auto error = co_await upstream_.receive();
    if (!error) continue;
    const bool whole = error == asio::error::eof && parser_->finish();
    if (!whole) co_return failure(Outcome::cut_off);
  }
}

} // namespace cubeflash::daemon
