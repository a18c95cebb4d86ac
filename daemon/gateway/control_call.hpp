// SPDX-License-Identifier: Apache-2.0
// Carries one request from a data-plane thread to the management API's handler on the control
// thread and the answer back. Each side touches its own half only; everything else is posted. It
// refuses to know what the handler does.
#pragma once

#include "common/base/error.hpp"
#include "daemon/gateway/worker.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/reply_writer.hpp"
#include "daemon/http/target.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace cubeflash::daemon {

// The head as values; nullopt when the target does not decode.
std::optional<Request> control_request(const RequestParser& parser,
                                       const std::vector<Field>& fields,
                                       const Target& target,
                                       const std::string& peer);

// Data-plane thread. Lets the handler answer.
awaitable<Then> answer_from_control(Worker& worker,
                                    ClientStream& client,
                                    std::shared_ptr<Signal> event,
                                    RequestBody& body,
                                    Request request,
                                    ReplyFraming framing);

class ControlCall final : public BodySource, public std::enable_shared_from_this<ControlCall> {
 public:
  // Holds the worker: its event loop must exist for as long as the handler may post to it.
  ControlCall(std::shared_ptr<Worker> worker, std::shared_ptr<Signal> event);

  // Control thread.
  awaitable<std::string> read() override;

  // Data-plane thread.
  void start(Request request);
  void give_body(std::string piece);
  void fail_body(ErrorKind kind, std::string text);
  void give_room(); // a piece has been sent
  void leave();     // the client is gone

  struct Answer {
    bool body_wanted = false;
    std::optional<Reply> head; // without its stream
    bool streams = false;
    std::deque<std::string> pieces;
    bool ended = false;
    bool broken = false; // the stream failed: the answer must not look whole
  };

  Answer answer; // the data-plane thread's half

  // Ends the handler's side when the data side is left, however that happens.
  class Leaving {
   public:
    explicit Leaving(ControlCall& call) : call_(call) {}

    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;

    ~Leaving() {
      if (!call_.answer.ended) call_.leave();
    }

   private:
    ControlCall& call_;
  };

 private:
  static awaitable<void> handle(std::shared_ptr<ControlCall> call, Request request);
  awaitable<Reply> run_handler(Request request);
  awaitable<bool> pull(BodyStream& stream);

  template <typename Action>
  void on_data(Action action) {
    asio::post(worker_->io(), [weak = weak_from_this(), action = std::move(action)]() mutable {
      const auto self = weak.lock(); // gone when the client is
      if (!self) return;
      action(self->answer);
      self->event_->notify();
    });
  }

  template <typename Action>
  void on_control(Action action) {
    asio::post(control_signal_.executor(),
               [weak = weak_from_this(), action = std::move(action)]() mutable {
                 const auto self = weak.lock(); // gone when the handler has ended
                 if (!self) return;
                 action(*self);
                 self->control_signal_.notify();
               });
  }

  std::shared_ptr<Worker> worker_;
  std::shared_ptr<const RequestHandler> handler_;
  std::shared_ptr<Signal> event_; // the data-plane thread's

  // The control thread's half.
  Signal control_signal_;
  std::optional<std::string> piece_;
  std::optional<Error> body_failure_;
  bool room_ = false;
  bool gone_ = false;
  bool streaming_ = false;
  asio::cancellation_signal cancel_;
};

} // namespace cubeflash::daemon
