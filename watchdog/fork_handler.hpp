// SPDX-License-Identifier: Apache-2.0
// mode=fork: a fresh process for each request, as the classic watchdog does it. Body to stdin,
// output to the answer, exit status to the HTTP status.
#pragma once

#include "watchdog/call.hpp"
#include "watchdog/config.hpp"
#include "watchdog/handler.hpp"
#include "watchdog/orphans.hpp"

#include <list>

namespace cubeflash::watchdog {

class BodyReader;

class ForkHandler : public Handler {
 public:
  // Warns when the program is missing: it may come later, every call looks again.
  ForkHandler(asio::io_context& io, const Config& config);

  awaitable<std::optional<Answer>> handle(std::shared_ptr<Client> client,
                                          Request& request) override;
  bool tick() override;
  void end_calls() override;

 private:
  struct Running {
    std::shared_ptr<Call> call;
    std::shared_ptr<Client> client;
  };

  CallSpec call_spec(const Request& request) const;
  std::shared_ptr<Call> start_call(const std::shared_ptr<Client>& client, const Request& request);
  awaitable<void> feed(Call& call, Client& client, const Request& request, BodyReader& body);
  // Why the request could not be read, for people; empty: it could, or its call was over by then.
  std::string body_problem(const BodyReader& body, const Request& request, const Call& call) const;
  Answer answer(Call& call, const Request& request);

  asio::io_context& io_;
  const Config& config_;
  Orphans orphans_;
  Fd empty_input_; // the read end of a pipe that nobody writes to
  std::list<Running> running_;
};

} // namespace cubeflash::watchdog
