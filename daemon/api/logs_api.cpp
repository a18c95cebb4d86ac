// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/logs_api.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"
#include "common/model/api.hpp"
#include "daemon/api/error_reply.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <nlohmann/json.hpp>

namespace cubeflash::daemon {

namespace {

constexpr std::size_t kPieceBytes = 65536;

struct LogsQuery {
  FunctionName function;
  LogFilter filter;
  bool follow = false;
};

[[noreturn]] void unusable(std::string_view name, const std::string& value) {
  throw Error(ErrorKind::invalid, fmt::format("{}: \"{}\" is not valid", name, value));
}

LogsQuery parse_query(const Request& request) {
  LogsQuery query;
  const auto name = request.query_value("name");
  if (name.empty()) throw Error(ErrorKind::invalid, "name is missing");
  query.function = FunctionName::parse(name);
  const auto space = request.query_value("namespace");
  if (!space.empty()) query.function.space = space;
  if (!is_dns_label(query.function.name) || !is_dns_label(query.function.space))
    unusable("name", name);
  query.filter.instance = request.query_value("instance");
  if (const auto text = request.query_value("tail"); !text.empty()) {
    const auto tail = parse_integer<std::int64_t>(text);
    if (!tail || *tail < -1) unusable("tail", text);
    if (*tail > 0) query.filter.tail = static_cast<std::uint64_t>(*tail);
  }
  if (const auto text = request.query_value("since"); !text.empty()) {
    query.filter.since = parse_rfc3339(text);
    if (!query.filter.since) unusable("since", text);
  }
  if (const auto text = request.query_value("follow"); !text.empty()) {
    query.follow = text == "true" || text == "1";
    if (!query.follow && text != "false" && text != "0") unusable("follow", text);
  }
  return query;
}

std::string ndjson(const LogLine& line) {
  return to_json(line).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

// First what was there, then what comes.
class LogStream final : public BodyStream {
 public:
  LogStream(std::vector<LogLine> backlog, std::unique_ptr<LogFollower> follower)
      : backlog_(std::move(backlog)), follower_(std::move(follower)) {}

  awaitable<std::optional<std::string>> next() override {
    for (;;) {
      std::string piece;
      while (next_ < backlog_.size() && piece.size() < kPieceBytes)
        piece += ndjson(backlog_[next_++]);
      if (!piece.empty()) co_return piece;
      backlog_.clear();
      next_ = 0;
      if (!follower_) co_return std::nullopt;
      while (piece.size() < kPieceBytes) {
        auto line = follower_->take();
        if (!line) break;
        piece += ndjson(*line);
      }
      if (!piece.empty()) co_return piece;
      asio::steady_timer wake(co_await asio::this_coro::executor,
                              asio::steady_timer::time_point::max());
      follower_->on_line([&wake] { wake.cancel(); });
      co_await wake.async_wait(as_tuple);
      follower_->on_line({}); // `wake` ends here, whatever ended the wait
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
    }
  }

 private:
  std::vector<LogLine> backlog_;
  std::size_t next_ = 0;
  std::unique_ptr<LogFollower> follower_;
};

awaitable<Reply> read_logs(ControlPlane& control, LogStore& logs, Request request) {
  LogsQuery query;
  try {
    query = parse_query(request);
  } catch (const Error& error) {
    co_return text_reply(422, error.what());
  }
  // Subscribed before the tail is read, in the same turn of the loop: no line is lost or seen
  // twice.
  auto follower = query.follow ? logs.follow(query.function, query.filter.instance) : nullptr;
  auto lines = logs.read(query.function, query.filter);
  if (lines.empty() && !control.status(query.function))
    throw Error(ErrorKind::not_found,
                fmt::format("function {} does not exist", query.function.brief()));
  Reply reply;
  reply.headers = {{"Content-Type", "application/x-ndjson"}};
  reply.stream = std::make_unique<LogStream>(std::move(lines), std::move(follower));
  co_return reply;
}

} // namespace

void add_logs_api(Router& router, ControlPlane& control, LogStore& logs) {
  router.add("GET", "/system/logs", [&control, &logs](Request request, PathParameters) {
    return read_logs(control, logs, std::move(request));
  });
}

} // namespace cubeflash::daemon
