// SPDX-License-Identifier: Apache-2.0
// The body of the request that a client is sending, piece by piece, decoded in place. It refuses to
// know where the pieces go; a piece stays valid until drop(), so it can be sent twice.
#pragma once

#include "daemon/http/client_stream.hpp"
#include "daemon/http/message_parser.hpp"

#include <chrono>
#include <string_view>

namespace cubeflash::daemon {

class RequestBody {
 public:
  enum class State {
    piece,     // piece() has bytes
    end,       // there is no more
    waiting,   // the client has not sent on yet
    gone,      // the client left in the middle
    malformed, // not what the framing announced
    stalled,   // the client sent nothing for too long
  };

  // Head consumed from the stream, body not touched.
  RequestBody(ClientStream& stream,
              RequestParser& parser,
              std::chrono::milliseconds idle_limit,
              bool expects_continue);

  // Looks at what the stream has; never waits.
  State look();

  // Waits until it is anything but `waiting`; `signal` must be told of the stream's changes. Gives
  // `waiting` back when
  // `*stop` becomes true.
  awaitable<State> next(Signal& signal, const bool* stop);

  std::string_view piece() const { return piece_; }

  // Done with the piece. What it viewed is gone.
  void drop();

  // All of it has been decoded; the last piece may still be there.
  bool complete() const { return parser_.complete(); }

  bool chunked() const { return parser_.chunked(); }

  // The client takes the answer meanwhile: it may go on being silent.
  void extend_idle();

  // Whether the client waits for "100 Continue" before it sends. Says so once.
  bool take_continue();

  // Neither sent nor allowed to be sent: after the answer the connection cannot be used again.
  bool unannounced() const { return expects_continue_; }

  // Drops what remains, up to a limit, so that the connection can serve another request. False: too
  // much or broken.
  awaitable<bool> skip(Signal& signal);

  // Anything was dropped: the body cannot be sent from its start any more.
  bool touched() const { return touched_; }

 private:
  ClientStream& stream_;
  RequestParser& parser_;
  std::chrono::milliseconds idle_limit_;
  std::string_view piece_;
  std::size_t consumed_ = 0; // of the input, by the current piece
  bool expects_continue_;
  bool malformed_ = false;
  bool touched_ = false;
};

} // namespace cubeflash::daemon
