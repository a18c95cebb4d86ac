// SPDX-License-Identifier: Apache-2.0
#include "watchdog/fork_handler.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"
#include "watchdog/body_reader.hpp"
#include "watchdog/handler_environment.hpp"
#include "watchdog/marshal.hpp"

#include <cstring>

namespace cubeflash::watchdog {

namespace {

// How long a client may go on sending a body after its call has ended, before it gets the answer
// all the same.
constexpr milliseconds kLatePatience{2000};

// As Go words it, which functions' callers know: "exit status 3", "signal: killed".
std::string describe(const ExitStatus& status) {
  const auto signal = status.signal();
  if (!signal) return fmt::format("exit status {}", status.code().value_or(-1));
  const char* name = ::sigdescr_np(*signal);
  return "signal: " + (name != nullptr ? to_lower(name) : std::to_string(*signal));
}

// A caller may only shorten its own call.
milliseconds call_timeout(milliseconds exec_timeout, std::string_view header) {
  const auto asked = parse_duration(header);
  if (!asked || asked->count() == 0) return exec_timeout;
  return exec_timeout.count() == 0 ? *asked : std::min(exec_timeout, *asked);
}

} // namespace

ForkHandler::ForkHandler(asio::io_context& io, const Config& config) : io_(io), config_(config) {
  Pipe empty = Pipe::create();
  empty_input_ = std::move(empty.read);
  if (!find_program(config_.process.front()))
    note("Warning: \"{}\" of fprocess is not an executable that can be found: calls will fail",
         config_.process.front());
}

CallSpec ForkHandler::call_spec(const Request& request) const {
  CallSpec spec;
  spec.command.program = config_.process.front();
  spec.command.args.assign(config_.process.begin() + 1, config_.process.end());
  spec.command.env =
      config_.cgi_headers ? handler_environment(config_.environment, request) : config_.environment;
  spec.empty_input = empty_input_.get();
  spec.has_input = config_.marshal_request || !request.body_is_done();
  spec.combine_output = config_.combine_output;
  spec.timeout = call_timeout(config_.exec_timeout, request.header("X-Timeout"));
  spec.max_output = config_.max_output;
  spec.temp_directory = config_.temp_directory;
  return spec;
}

std::shared_ptr<Call> ForkHandler::start_call(const std::shared_ptr<Client>& client,
                                              const Request& request) {
  auto spec = call_spec(request);
  const auto entry = running_.insert(running_.end(), Running{nullptr, client});
  const auto number = orphans_.reserve_call();
  spec.on_end = [this, entry, number](pid_t pid) {
    entry->client->hurry_read(Clock::now() + kLatePatience);
    running_.erase(entry);
    orphans_.call_ended(number, pid);
    orphans_.sweep();
  };
  entry->call = std::make_shared<Call>(io_, std::move(spec));
  try {
    entry->call->start();
  } catch (...) {
    running_.erase(entry);
    orphans_.call_ended(number, -1);
    throw;
  }
  orphans_.call_started(entry->call->pid());
  return entry->call;
}

awaitable<std::optional<Answer>> ForkHandler::handle(std::shared_ptr<Client> client,
                                                     Request& request) {
  note_line("Forking fprocess.");
  const auto begun = Clock::now();
  std::shared_ptr<Call> call;
  std::string failure;
  try {
    call = start_call(client, request);
  } catch (const std::exception& error) {
    failure = error.what();
  }
  BodyReader body(*client, request, config_.read_timeout);
  if (!call) {
    note("{}", failure);
    if (!request.expects_continue()) co_await body.discard();
    auto refused = plain_answer(500, failure);
    refused.is_last = body.state() != BodyReader::State::done;
    co_return refused;
  }
  co_await feed(*call, *client, request, body);
  const bool whole = body.state() == BodyReader::State::done;
  if (!whole && !call->is_over()) call->abandon();
  co_await call->ended();
  if (const auto problem = body_problem(body, request, *call); !problem.empty()) {
    auto refused = plain_answer(400, "reading the request: " + problem);
    refused.is_last = true;
    co_return refused;
  }
  if (call->end() == Call::End::abandoned || body.state() == BodyReader::State::closed) {
    note("The client is gone: its process was ended.");
    co_return std::nullopt;
  }
  auto result = answer(*call, request);
  result.is_last = !whole;
  const std::chrono::duration<double> took = Clock::now() - begun;
  if (config_.write_debug) {
    if (result.output) print_bytes(result.output->memory());
    note("Duration: {:f}s", took.count());
  } else {
    note("Wrote {} Bytes - Duration: {:f}s", result.size(), took.count());
  }
  co_return result;
}

std::string
ForkHandler::body_problem(const BodyReader& body, const Request& request, const Call& call) const {
  if (body.state() == BodyReader::State::malformed) return request.problem();
  // A client that pauses once its call is over gets the answer.
  if (body.state() == BodyReader::State::timed_out && call.end() == Call::End::abandoned)
    return "no data within " + format_duration(config_.read_timeout);
  return {};
}

awaitable<void>
ForkHandler::feed(Call& call, Client& client, const Request& request, BodyReader& body) {
  MarshalledRequest marshalled;
  bool wanted = true; // by the handler
  if (config_.marshal_request) {
    const auto text = MarshalledRequest::begin(request);
    wanted = co_await call.feed(text);
  }
  if (request.expects_continue() && body.state() == BodyReader::State::more)
    co_await client.write("HTTP/1.1 100 Continue\r\n\r\n");
  while (body.state() == BodyReader::State::more) {
    const auto piece = co_await body.read(call.is_over() ? kLatePatience : milliseconds::max());
    if (!wanted || piece.empty()) continue;
    if (config_.marshal_request) {
      const auto text = marshalled.encode(piece);
      wanted = co_await call.feed(text);
    } else {
      wanted = co_await call.feed(piece);
    }
  }
  if (config_.marshal_request && wanted && body.state() == BodyReader::State::done) {
    const auto text = marshalled.end();
    co_await call.feed(text);
  }
  call.close_input();
}

Answer ForkHandler::answer(Call& call, const Request& request) {
  if (call.end() == Call::End::timed_out) {
    note_line("Killed process: exec_timeout has passed.");
    return plain_answer(408, "Killed process.");
  }
  if (call.end() == Call::End::failed) {
    note("Killed process: {}", call.failure());
    return plain_answer(500, call.failure());
  }
  Answer answer;
  answer.output = std::move(call.output());
  if (call.status().ok()) {
    answer.content_type = config_.content_type.empty() ? std::string(request.header("Content-Type"))
                                                       : config_.content_type;
    return answer;
  }
  answer.status = 500;
  answer.text = describe(call.status()) + "\n";
  note("{}", describe(call.status()));
  return answer;
}

bool ForkHandler::tick() {
  for (const auto& [call, client] : running_)
    if (client->peer_is_gone()) call->abandon();
  return orphans_.sweep();
}

void ForkHandler::end_calls() {
  for (const auto& [call, client] : running_)
    call->abandon();
}

} // namespace cubeflash::watchdog
