// SPDX-License-Identifier: Apache-2.0
// What a request is answered with, and its form on the wire. Knows nothing of where the content
// comes from.
#pragma once

#include "watchdog/output.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cubeflash::watchdog {

struct Answer {
  unsigned status = 200;
  std::string content_type; // empty: guessed
  std::string internal; // X-OpenFaaS-Internal: who made an answer that is not the function's own
  std::string text;     // goes before the output
  std::optional<Output> output;
  bool is_last = false; // the connection cannot carry another request

  std::uint64_t size() const { return text.size() + (output ? output->size() : 0); }
};

// An answer of the watchdog itself; the line break is added.
Answer plain_answer(unsigned status, std::string text, std::string internal = "of-watchdog");

enum class Persistence { keep, keep_http_1_0, close };

// The status line and the header, complete.
std::string
answer_head(const Answer& answer, Persistence persistence, std::chrono::duration<double> took);

} // namespace cubeflash::watchdog
