// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/request_body.hpp"

namespace cubeflash::daemon {

namespace {

constexpr std::size_t kSkipLimit = 256U << 10U;

} // namespace

RequestBody::RequestBody(ClientStream& stream,
                         RequestParser& parser,
                         std::chrono::milliseconds idle_limit,
                         bool expects_continue)
    : stream_(stream), parser_(parser), idle_limit_(idle_limit),
      expects_continue_(expects_continue && !parser.complete()) {}

RequestBody::State RequestBody::look() {
  if (!piece_.empty()) return State::piece;
  if (malformed_) return State::malformed;
  if (parser_.complete()) return State::end;
  const auto decoded = parser_.decode(stream_.input_data(), stream_.input().size());
  // A full buffer without a step forward is one endless chunk header.
  if (!decoded.ok || (decoded.consumed == 0 && stream_.input_full())) {
    malformed_ = true;
    return State::malformed;
  }
  if (decoded.consumed != 0) expects_continue_ = false;
  if (decoded.produced != 0) {
    piece_ = stream_.input().substr(0, decoded.produced);
    consumed_ = decoded.consumed;
    return State::piece;
  }
  if (decoded.consumed != 0) stream_.consume(decoded.consumed); // framing only
  if (parser_.complete()) return State::end;
  stream_.make_room();
  return stream_.ended() ? State::gone : State::waiting;
}

awaitable<RequestBody::State> RequestBody::next(Signal& signal, const bool* stop) {
  auto& deadlines = stream_.deadlines();
  State state = look();
  while (state == State::waiting && !*stop) {
    if (deadlines.when(Limit::receive) == Deadlines::Clock::time_point::max())
      deadlines.set(Limit::receive, Deadlines::Clock::now() + idle_limit_);
    co_await signal.wait();
    state = look();
    if (state == State::waiting && deadlines.expired(Limit::receive)) state = State::stalled;
  }
  deadlines.clear(Limit::receive);
  co_return state;
}

void RequestBody::drop() {
  if (piece_.empty()) return;
  touched_ = true;
  piece_ = {};
  stream_.consume(consumed_);
}

void RequestBody::extend_idle() {
  auto& deadlines = stream_.deadlines();
  if (deadlines.when(Limit::receive) != Deadlines::Clock::time_point::max())
    deadlines.set(Limit::receive, Deadlines::Clock::now() + idle_limit_);
}

bool RequestBody::take_continue() {
  const bool wanted = expects_continue_;
  expects_continue_ = false;
  return wanted;
}

awaitable<bool> RequestBody::skip(Signal& signal) {
  const bool never = false;
  std::size_t skipped = 0;
  if (expects_continue_) co_return false;
  for (;;) {
    const State state = co_await next(signal, &never);
    if (state != State::piece) co_return state == State::end;
    skipped += piece_.size();
    drop();
    if (skipped > kSkipLimit) co_return false;
  }
}

} // namespace cubeflash::daemon
