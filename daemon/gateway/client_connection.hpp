// SPDX-License-Identifier: Apache-2.0
// One client: reads a head, decides who answers, answers, again until either side ends it. It
// refuses to know how functions are called and what the management API does.
#pragma once

#include "daemon/gateway/relay.hpp"
#include "daemon/http/client_stream.hpp"
#include "daemon/http/reply_writer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::daemon {

class Worker;
struct Target;

class ClientConnection {
 public:
  // Takes the socket over.
  ClientConnection(Worker& worker, int socket);

  awaitable<void> serve();

  // Something about the server has changed: an idle connection looks whether it should end.
  void wake() { event_->notify(); }

  void abort() { client_.abort(); }

 private:
  enum class Read { head, closed, refused };

  awaitable<Read> read_head(bool first);
  awaitable<Read> refuse(unsigned status, std::string text);
  awaitable<Then> answer();
  awaitable<Then> route(Target target, bool expects_continue);
  awaitable<Then> answer_health(bool expects_continue);
  ReplyFraming framing() const;

  Worker& worker_;
  std::string peer_;         // "127.0.0.1:4242"
  std::string peer_address_; // "127.0.0.1"
  std::shared_ptr<Signal> event_;
  ClientStream client_;
  std::vector<Field> fields_;
  std::optional<RequestParser> parser_;
  std::size_t head_length_ = 0;
  RelayBuffers buffers_;
};

} // namespace cubeflash::daemon
