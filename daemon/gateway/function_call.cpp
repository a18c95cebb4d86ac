// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/function_call.hpp"

#include "common/base/log.hpp"
#include "common/base/time.hpp"
#include "daemon/gateway/wait_queue.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace cubeflash::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto kConnectTimeout = 3s;
constexpr int kMostFailures = 3;

bool is_known(http::verb verb) {
  switch (verb) {
  case http::verb::get:
  case http::verb::head:
  case http::verb::post:
  case http::verb::put:
  case http::verb::patch:
  case http::verb::delete_:
  case http::verb::options:
    return true;
  default:
    return false;
  }
}

bool is_safe(http::verb verb) {
  return verb == http::verb::get || verb == http::verb::head || verb == http::verb::options;
}

// May be sent again although it may have been begun: RFC 9110 section 9.2.2.
bool is_idempotent(http::verb verb) {
  return is_safe(verb) || verb == http::verb::put || verb == http::verb::delete_;
}

std::string duration_text(Deadlines::Clock::duration duration) {
  return format_duration(std::chrono::duration_cast<milliseconds>(duration));
}

} // namespace

FunctionCall::FunctionCall(Parts parts,
                           const RequestParser& parser,
                           const std::vector<Field>& fields,
                           std::string_view name,
                           std::string_view peer_address,
                           std::string_view rest,
                           std::string_view query)
    : parts_(std::move(parts)), facts_(call_facts(parser, fields, name, parts_.worker.call_ids())),
      head_(instance_head(parser, fields, facts_, rest, query, peer_address)),
      known_verb_(is_known(parser.verb)) {}

bool FunctionCall::find_route() {
  snapshot_ = parts_.worker.snapshot();
  const auto& routes = (*snapshot_)->routes;
  const auto found = routes.find(std::string_view(facts_.name));
  route_ = found == routes.end() ? nullptr : found->second.get();
  return route_ != nullptr;
}

awaitable<Then> FunctionCall::run(RequestBody& body) {
  if (!known_verb_) {
    Reply reply =
        text_reply(405, "a function is called with GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
    reply.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    co_return co_await give(body, std::move(reply));
  }
  if (find_route()) parts_.client.deadlines().set(Limit::call, start_ + route_->timeout);
  const Then then = co_await forward(body);
  parts_.client.deadlines().clear(Limit::call);
  co_return then;
}

awaitable<Then> FunctionCall::forward(RequestBody& body) {
  for (;;) {
    auto refusal = co_await obtain_instance();
    if (parts_.client.ended()) co_return Then::close;
    if (refusal) co_return co_await give(body, std::move(*refusal));
    auto upstream = co_await connect();
    if (!upstream) {
      if (parts_.client.ended()) co_return Then::close;
      if (parts_.client.deadlines().expired(Limit::call))
        co_return co_await give_failure(body, Outcome::expired);
      avoided_.push_back(&lease_.backend());
      parts_.worker.suspect(lease_.backend());
      if (++failures_ >= kMostFailures || all_avoided())
        co_return co_await give_failure(body, Outcome::no_answer);
      lease_.release();
      continue;
    }
    if (!std::exchange(counted_, true) && route_->stats)
      route_->stats->count_invocation(parts_.worker.index());
    const bool reused = upstream->reused;
    const auto left =
        std::chrono::duration_cast<milliseconds>(start_ + route_->timeout - Clock::now());
    Relay relay(parts_.worker.io(), parts_.client, parts_.event, body, *upstream, parts_.buffers);
    const Outcome outcome =
        co_await relay.run(facts_, head_ + deadline_lines(facts_, left), parts_.worker.draining());
    if (outcome == Outcome::answered) {
      if (relay.upstream_reusable())
        parts_.worker.pool().give_back(lease_.backend(), std::move(upstream));
      lease_.release();
      parts_.client.deadlines().clear(Limit::call);
      co_return co_await finish_request(parts_.client, parts_.event, body, !relay.closes());
    }
    if (outcome == Outcome::no_answer && may_try_again(body, relay, reused)) {
      if (!reused) avoided_.push_back(&lease_.backend());
      if (all_avoided())
        avoided_.clear(); // the last instance is never given up for one broken connection
      lease_.release();
      continue;
    }
    if (outcome == Outcome::cut_off) parts_.client.abort(relay.ends_by_close());
    if (outcome == Outcome::cut_off || outcome == Outcome::client_gone) co_return Then::close;
    co_return co_await give_failure(body, outcome);
  }
}

bool FunctionCall::may_try_again(const RequestBody& body, const Relay& relay, bool reused) {
  if (body.touched() || ++failures_ >= kMostFailures) return false;
  if (!relay.sent_any()) return true;
  // A kept connection may have been closed before the request arrived; a fresh one died with the
  // request on it, once is enough to find out whether it was the request that killed the instance.
  return reused ? is_idempotent(facts_.verb) : is_safe(facts_.verb) && failures_ == 1;
}

bool FunctionCall::all_avoided() const {
  return std::all_of(route_->backends.begin(), route_->backends.end(), [&](const auto& backend) {
    return std::find(avoided_.begin(), avoided_.end(), backend.get()) != avoided_.end();
  });
}

awaitable<std::unique_ptr<Upstream>> FunctionCall::connect() {
  auto upstream = parts_.worker.pool().take(lease_.backend());
  if (upstream) co_return upstream;
  upstream = std::make_unique<Upstream>(parts_.worker.io());
  Deadlines& deadlines = parts_.client.deadlines();
  deadlines.set(Limit::connect, Clock::now() + kConnectTimeout);
  parts_.client.set_observer([&client = parts_.client, raw = upstream.get()] {
    const Deadlines& limits = client.deadlines();
    if (client.ended() || limits.expired(Limit::connect) || limits.expired(Limit::call))
      raw->close();
  });
  const auto error = co_await upstream->connect(lease_.backend().endpoint);
  parts_.client.set_observer({});
  deadlines.clear(Limit::connect);
  if (error) {
    log_debug("gateway: connecting to {}: {}", lease_.backend().instance, error.message());
    upstream.reset();
  }
  co_return upstream;
}

Lease FunctionCall::try_acquire() {
  std::vector<const Backend*> avoided = avoided_;
  parts_.worker.append_suspects(avoided);
  Lease lease = acquire(*route_, parts_.worker.rotation(), avoided);
  if (!lease && avoided.size() != avoided_.size())
    lease = acquire(*route_, parts_.worker.rotation(), avoided_);
  return lease;
}

// The answer when waiting makes no sense.
std::optional<Reply> FunctionCall::unavailable() const {
  if (!route_)
    return text_reply(404, "error finding function " + FunctionName::parse(facts_.name).full());
  if (!route_->wanted) return nothing_ready("it is scaled to 0");
  return std::nullopt;
}

awaitable<std::optional<Reply>> FunctionCall::obtain_instance() {
  if (auto reply = unavailable()) co_return reply;
  if (!route_->queue || route_->queue->waiting() == 0) lease_ = try_acquire();
  if (lease_) co_return std::nullopt;
  if (!route_->queue) co_return nothing_ready(busy_text());
  const auto begin = Clock::now();
  auto reply = co_await wait_in_line();
  waited_ += Clock::now() - begin;
  co_return reply;
}

awaitable<std::optional<Reply>> FunctionCall::wait_in_line() {
  asio::io_context& io = parts_.worker.io();
  auto ticket = WaitQueue::join(
      route_->queue, [&io, event = parts_.event] { asio::post(io, [event] { event->notify(); }); });
  if (!ticket)
    co_return nothing_ready(fmt::format("{} requests wait already", route_->queue->waiting()));
  for (;;) {
    const bool first = ticket->first();
    find_route(); // the snapshot may be a new one
    if (auto reply = unavailable()) co_return reply;
    if (first) lease_ = try_acquire();
    if (lease_ || parts_.client.ended()) co_return std::nullopt;
    if (parts_.client.deadlines().expired(Limit::call)) co_return nothing_ready(busy_text());
    co_await parts_.event->wait();
  }
}

std::string FunctionCall::busy_text() const {
  std::string text = fmt::format("waited {}", duration_text(Clock::now() - start_));
  if (!route_->problem.empty()) return text + ": " + route_->problem;
  if (route_->backends.empty()) return text + ": no instance became ready";
  return text + fmt::format(": {} instance(s) take {} call(s) at once and all are busy",
                            route_->backends.size(),
                            route_->concurrency);
}

Reply FunctionCall::nothing_ready(std::string why) const {
  std::string text = fmt::format("No endpoints available for: {}.", facts_.name);
  if (!why.empty()) text += "\n" + why;
  Reply reply = text_reply(503, std::move(text));
  reply.headers.emplace_back("Retry-After", "1");
  return reply;
}

awaitable<Then> FunctionCall::give_failure(RequestBody& body, Outcome outcome) {
  lease_.release();
  Reply reply;
  switch (outcome) {
  case Outcome::bad_body:
    reply = text_reply(400, "malformed request body");
    break;
  case Outcome::stalled:
    reply = text_reply(408, "the request's body stopped coming");
    break;
  case Outcome::expired:
    reply = text_reply(504,
                       fmt::format("function {} did not answer within {} (waited in gateway: {})",
                                   facts_.name,
                                   format_duration(route_->timeout),
                                   duration_text(waited_)));
    break;
  case Outcome::bad_answer:
    reply =
        text_reply(502,
                   fmt::format("Can't reach service for: {}.\nits answer was not whole or not HTTP",
                               facts_.name));
    break;
  default:
    reply = text_reply(502, fmt::format("Can't reach service for: {}.", facts_.name));
    break;
  }
  co_return co_await give(body, std::move(reply));
}

awaitable<Then> FunctionCall::give(RequestBody& body, Reply reply) {
  parts_.client.deadlines().clear(Limit::call);
  reply.headers.emplace_back("X-OpenFaaS-Internal", "proxy");
  for (auto& header : call_headers(facts_))
    reply.headers.push_back(std::move(header));
  const ReplyFraming framing{.version = facts_.version,
                             .keep_alive = facts_.keep_alive && !parts_.worker.draining(),
                             .to_head = facts_.verb == http::verb::head};
  co_return co_await send_reply(parts_.client, parts_.event, body, std::move(reply), framing);
}

} // namespace cubeflash::daemon
