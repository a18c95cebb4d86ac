// SPDX-License-Identifier: Apache-2.0
// One call of a function: finds the route, waits for an instance, tries, tries another, and answers
// itself when there is nothing to pass on. It refuses to know how bytes flow.
#pragma once

#include "daemon/gateway/balancer.hpp"
#include "daemon/gateway/relay.hpp"
#include "daemon/gateway/worker.hpp"
#include "daemon/http/reply_writer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

class FunctionCall {
 public:
  struct Parts {
    Worker& worker;
    ClientStream& client;
    std::shared_ptr<Signal> event;
    RelayBuffers& buffers;
  };

  // Takes from the head what it needs; the head may be consumed afterwards.
  FunctionCall(Parts parts,
               const RequestParser& parser,
               const std::vector<Field>& fields,
               std::string_view name,
               std::string_view peer_address,
               std::string_view rest,
               std::string_view query);

  awaitable<Then> run(RequestBody& body);

 private:
  using Clock = Deadlines::Clock;

  // The answer to give instead, or nothing when lease_ holds an instance.
  awaitable<std::optional<Reply>> obtain_instance();
  awaitable<std::optional<Reply>> wait_in_line();
  bool find_route();
  std::optional<Reply> unavailable() const;
  Reply nothing_ready(std::string why) const;
  std::string busy_text() const;
  Lease try_acquire();

  awaitable<std::unique_ptr<Upstream>> connect();
  awaitable<Then> forward(RequestBody& body);
  awaitable<Then> give(RequestBody& body, Reply reply);
  awaitable<Then> give_failure(RequestBody& body, Outcome outcome);
  bool may_try_again(const RequestBody& body, const Relay& relay, bool reused);
  bool all_avoided() const;

  Parts parts_;
  CallFacts facts_;
  std::string head_; // for the instance, without its last lines
  bool known_verb_;
  Clock::time_point start_ = Clock::now();
  Clock::duration waited_{0};
  Snapshot snapshot_; // keeps route_ and the leased instance alive
  const Route* route_ = nullptr;
  Lease lease_;
  std::vector<const Backend*> avoided_; // failed during this call
  int failures_ = 0;
  bool counted_ = false;
};

} // namespace cubeflash::daemon
