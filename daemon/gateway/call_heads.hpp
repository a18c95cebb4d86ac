// SPDX-License-Identifier: Apache-2.0
// The heads that a function call sends on: the client's to the instance, the instance's to the
// client (openfaas-contract 1.3). Pure: text in, text out.
#pragma once

#include "common/model/function_spec.hpp"
#include "daemon/http/message_parser.hpp"
#include "daemon/http/target.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cubeflash::daemon {

// What stays of a client's head once the body has taken its place in the buffer.
struct CallFacts {
  std::string name; // as asked for: "NAME" or "NAME.NS"
  http::verb verb = http::verb::unknown;
  int version = 11;
  bool keep_alive = true;
  std::string call_id;
  std::string start_time;   // Unix nanoseconds
  std::string content_type; // the request's
  std::optional<milliseconds> client_timeout;
};

// Version 4 UUIDs, for one thread.
class CallIds {
 public:
  CallIds();
  std::string next();

 private:
  std::mt19937_64 random_;
};

// Takes from the head what the call needs later.
CallFacts call_facts(const RequestParser& parser,
                     const std::vector<Field>& fields,
                     std::string_view name,
                     CallIds& ids);

// The head for the instance, except for its last lines: deadline_lines() ends it once an instance
// is found.
std::string instance_head(const RequestParser& parser,
                          const std::vector<Field>& fields,
                          const CallFacts& facts,
                          std::string_view rest,
                          std::string_view query,
                          std::string_view peer_address);

// X-Timeout with what remains, or the client's own value if that is lower, and the empty line.
std::string deadline_lines(const CallFacts& facts, milliseconds remaining);

enum class AnswerFraming {
  as_given,    // a length, or no body at all
  chunked,     // unknown length
  until_close, // unknown length, and the client knows no chunks
};

AnswerFraming answer_framing(const ResponseParser& parser, const CallFacts& facts);

// The whole head for the client, appended to `out`.
void append_answer_head(std::string& out,
                        const ResponseParser& parser,
                        const std::vector<Field>& fields,
                        const CallFacts& facts,
                        AnswerFraming framing,
                        bool keep_alive);

// The three headers that every answer of /function/ carries.
std::vector<std::pair<std::string, std::string>> call_headers(const CallFacts& facts);

} // namespace cubeflash::daemon
