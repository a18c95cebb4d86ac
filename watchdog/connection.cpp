// SPDX-License-Identifier: Apache-2.0
#include "watchdog/connection.hpp"

#include "common/base/time.hpp"
#include "watchdog/answer.hpp"
#include "watchdog/body_reader.hpp"
#include "watchdog/handler.hpp"
#include "watchdog/health.hpp"
#include "watchdog/log.hpp"
#include "watchdog/request.hpp"
#include "watchdog/server.hpp"

#include <algorithm>
#include <array>

namespace cubeflash::watchdog {

namespace {

constexpr std::array<std::string_view, 5> kVerbs{"POST", "PUT", "PATCH", "DELETE", "GET"};
// A body that nobody wants is read to its end, so that the connection can be used again, if it is
// not larger than this.
constexpr std::int64_t kMostDropped = 256 * 1024;
constexpr milliseconds kLinger{1000};

class ClientRegistration {
 public:
  ClientRegistration(Server& server, Client& client) : server_(server), client_(client) {
    server_.add(client_);
  }

  ~ClientRegistration() {
    server_.remove(client_);
    client_.close();
  }

  ClientRegistration(const ClientRegistration&) = delete;
  ClientRegistration& operator=(const ClientRegistration&) = delete;

 private:
  Server& server_;
  Client& client_;
};

class BusyTime {
 public:
  BusyTime(Server& server, Client& client) : server_(server), client_(client) {
    client_.idle = false;
    server_.request_began();
  }

  ~BusyTime() {
    client_.idle = true;
    server_.request_ended();
  }

  BusyTime(const BusyTime&) = delete;
  BusyTime& operator=(const BusyTime&) = delete;

 private:
  Server& server_;
  Client& client_;
};

class FunctionCall {
 public:
  explicit FunctionCall(std::size_t& in_flight) : in_flight_(in_flight) { ++in_flight_; }

  ~FunctionCall() { --in_flight_; }

  FunctionCall(const FunctionCall&) = delete;
  FunctionCall& operator=(const FunctionCall&) = delete;

 private:
  std::size_t& in_flight_;
};

// nullopt: the client has nothing more to say.
awaitable<std::optional<Request::Progress>>
read_header(Client& client, Request& request, milliseconds timeout) {
  auto deadline = deadline_after(timeout);
  for (bool first = true;; first = false) {
    const auto progress = request.parse_header(client.buffer());
    if (progress != Request::Progress::more) co_return progress;
    const auto most = std::clamp<std::size_t>(client.buffer().size(), 4096, 65536);
    const auto read = co_await client.read_more(most, deadline);
    if (read != Client::Read::data) co_return std::nullopt;
    if (first) deadline = deadline_after(timeout);
  }
}

Answer empty_answer(unsigned status, std::string internal) {
  Answer answer;
  answer.status = status;
  answer.internal = std::move(internal);
  return answer;
}

Answer too_many(std::uint64_t limit) {
  auto answer = plain_answer(
      429,
      fmt::format("Concurrent request limit exceeded. Max concurrent requests: {}", limit),
      "faas-middleware");
  answer.content_type = "text/plain";
  return answer;
}

bool is_full(const Server& server) {
  return server.config().max_inflight > 0 && server.in_flight() >= server.config().max_inflight;
}

Answer health_answer(const Server& server, const Request& request) {
  if (request.method() != "GET") return empty_answer(405, "");
  if (!server.health().accepting()) return empty_answer(503, "");
  if (request.path() == "/_/ready" && is_full(server))
    return too_many(server.config().max_inflight);
  Answer answer;
  answer.text = "OK";
  return answer;
}

void print_request_headers(const Request& request) {
  for (const auto& [name, values] : request.headers())
    for (const auto value : values)
      note("[in] {}={}", name, value);
}

void print_answer_head(std::string_view head) {
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    if (end == 0 || end == std::string_view::npos) return;
    note("[out] {}", head.substr(0, end));
    head.remove_prefix(end + 2);
  }
}

awaitable<std::optional<Answer>>
route(std::shared_ptr<Client> client, Server& server, Request& request) {
  if (request.path() == "/_/health" || request.path() == "/_/ready")
    co_return health_answer(server, request);
  if (std::find(kVerbs.begin(), kVerbs.end(), request.method()) == kVerbs.end())
    co_return empty_answer(405, "of-watchdog");
  if (is_full(server)) co_return too_many(server.config().max_inflight);
  if (!request.header("Expect").empty() && !request.expects_continue())
    co_return plain_answer(417, "the only expectation that can be met is 100-continue");
  if (server.config().debug_headers) print_request_headers(request);
  const FunctionCall call(server.in_flight());
  co_return co_await server.handler().handle(client, request);
}

Persistence persistence(const Server& server, const Request& request, const Answer& answer) {
  if (answer.is_last || server.is_draining() || !request.keep_alive()) return Persistence::close;
  const auto length = request.content_length();
  const bool can_drop = length >= 0 && length <= kMostDropped && !request.expects_continue();
  if (!request.body_is_done() && !can_drop) return Persistence::close;
  return request.is_http_1_0() ? Persistence::keep_http_1_0 : Persistence::keep;
}

awaitable<bool> send(Client& client, const Answer& answer, std::string_view head) {
  const auto memory = answer.output ? answer.output->memory() : std::string_view();
  const bool sent = co_await client.write(head, answer.text, memory);
  if (!sent) co_return false;
  if (answer.output && answer.output->file() >= 0)
    co_return co_await client.write_file(answer.output->file(), answer.output->file_size());
  co_return true;
}

// False when the connection cannot be used any more.
awaitable<bool> serve_request(std::shared_ptr<Client> client, Server& server) {
  Request request;
  const auto header = co_await read_header(*client, request, server.config().read_timeout);
  if (!header) co_return false;
  const BusyTime busy(server, *client);
  const auto begun = Clock::now();
  client->close_at(deadline_after(server.config().write_timeout));
  std::optional<Answer> answer;
  if (*header == Request::Progress::too_large)
    answer = plain_answer(
        431, "the request's header is larger than 1 MiB, or one of its fields than 64 KiB");
  else if (*header == Request::Progress::malformed)
    answer = plain_answer(400, "malformed request: " + request.problem());
  else
    answer = co_await route(client, server, request);
  if (!answer) co_return false;
  if (*header != Request::Progress::done) answer->is_last = true;
  if (client->is_closed()) {
    note("write_timeout: the connection was closed {} after the request, before the answer",
         format_duration(server.config().write_timeout));
    co_return false;
  }
  const auto after = persistence(server, request, *answer);
  const auto head = answer_head(*answer, after, Clock::now() - begun);
  if (server.config().debug_headers) print_answer_head(head);
  const bool sent = co_await send(*client, *answer, head);
  if (!sent) co_return false;
  if (after == Persistence::close) {
    if (answer->is_last || !request.body_is_done()) co_await client->linger(kLinger);
    co_return false;
  }
  BodyReader rest(*client, request, server.config().read_timeout);
  co_await rest.discard();
  client->close_at(kNever);
  client->trim_buffer();
  co_return rest.state() == BodyReader::State::done;
}

} // namespace

awaitable<void> serve_connection(std::shared_ptr<Client> client, Server& server) {
  const ClientRegistration registration(server, *client);
  for (bool open = true; open;)
    open = co_await serve_request(client, server);
}

} // namespace cubeflash::watchdog
