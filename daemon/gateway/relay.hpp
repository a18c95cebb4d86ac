// SPDX-License-Identifier: Apache-2.0
// One request over one connection to an instance: body and answer flow at the same time, each
// through one bounded buffer, every piece is passed on as it comes. It refuses to know how the
// instance was chosen and what a failure is answered with.
#pragma once

#include "daemon/gateway/call_heads.hpp"
#include "daemon/gateway/upstream.hpp"
#include "daemon/http/client_stream.hpp"
#include "daemon/http/request_body.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

enum class Outcome {
  answered,    // the whole answer is with the client
  no_answer,   // the instance closed the connection before it answered
  bad_answer,  // what it sent is not HTTP
  cut_off,     // the answer broke off in the middle; the client has a part of it
  client_gone, // nobody to answer
  bad_body,    // the client's body is malformed
  stalled,     // the client stopped sending its body
  expired,     // the call's deadline passed before the answer began
};

// Memory that is used again for the next request of the same client.
struct RelayBuffers {
  std::vector<Field> fields; // of the answer
  std::string head;          // of the answer, as sent on
};

class Relay {
 public:
  Relay(asio::io_context& io,
        ClientStream& client,
        std::shared_ptr<Signal> event,
        RequestBody& body,
        Upstream& upstream,
        RelayBuffers& buffers);

  // `head` is complete. `draining` may turn true meanwhile: the answer then says that the
  // connection ends with it.
  awaitable<Outcome> run(const CallFacts& facts, std::string head, const bool& draining);

  // After run(). Whether all of the request reached the instance and the connection to it can serve
  // another.
  bool upstream_reusable() const { return upstream_reusable_; }

  // Whether anything went to the instance at all.
  bool sent_any() const { return sent_any_; }

  // The answer told the client that the connection ends with it.
  bool closes() const { return closes_; }

  // Only the connection's end tells the client that the answer is whole.
  bool ends_by_close() const { return framing_ == AnswerFraming::until_close; }

 private:
  awaitable<Outcome> send_request(std::string_view head);
  awaitable<void> pump(Gather rest, bool ends_with_rest);
  awaitable<void> pump_pieces();
  void add_piece(Gather& gather);
  awaitable<Outcome> receive_head(const CallFacts& facts);
  awaitable<Outcome> relay_answer(const CallFacts& facts, const bool& draining);
  awaitable<bool> send_piece(std::string_view piece, bool last);
  awaitable<void> stop_pump();
  Outcome failure(Outcome otherwise) const;
  void observe();

  asio::io_context& io_;
  ClientStream& client_;
  std::shared_ptr<Signal> event_;
  RequestBody& body_;
  Upstream& upstream_;
  RelayBuffers& buffers_;

  Signal pump_signal_;
  std::string chunk_line_; // of the request's current piece
  bool pumping_ = false;
  bool stop_pump_ = false;
  RequestBody::State body_state_ = RequestBody::State::waiting; // how the pump ended
  bool chunked_body_ = false;

  std::optional<ResponseParser> parser_;
  std::size_t head_length_ = 0;
  AnswerFraming framing_ = AnswerFraming::as_given;
  bool begun_ = false; // the client has a part of the answer
  bool sent_any_ = false;
  bool closes_ = false;
  bool upstream_reusable_ = false;
};

} // namespace cubeflash::daemon
