// SPDX-License-Identifier: Apache-2.0
// Pulls a request's body off its connection, one piece at a time, and limits how long a client may
// take. Refuses to know what the body is for.
#pragma once

#include "watchdog/client.hpp"
#include "watchdog/request.hpp"

#include <memory>
#include <string_view>

namespace cubeflash::watchdog {

class BodyReader {
 public:
  enum class State { more, done, closed, timed_out, malformed };

  // `budget` is the time that all waits for the client may take together (0: no limit). Waits for
  // whoever takes the pieces do not count.
  BodyReader(Client& client, Request& request, milliseconds budget);

  // The next piece, valid until the next call; empty once state() is no longer `more`. A single
  // wait takes at most `patience`.
  awaitable<std::string_view> read(milliseconds patience = milliseconds::max());

  // Reads the rest and drops it, as long as the client goes on sending.
  awaitable<void> discard();

  State state() const { return state_; }

 private:
  awaitable<void> wait(milliseconds patience);
  void allocate();

  Client& client_;
  Request& request_;
  milliseconds left_;
  bool limited_;
  State state_;
  std::unique_ptr<char[]> piece_; // NOLINT(modernize-avoid-c-arrays) - must not be zeroed
  std::size_t size_ = 0;
};

} // namespace cubeflash::watchdog
