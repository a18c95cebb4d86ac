// SPDX-License-Identifier: Apache-2.0
// Sends an answer that the daemon itself gives and says what becomes of the connection. It refuses
// to know why.
#pragma once

#include "daemon/http/client_stream.hpp"
#include "daemon/http/reply_head.hpp"
#include "daemon/http/request_body.hpp"

#include <memory>

namespace cubeflash::daemon {

// What becomes of a client's connection after an answer.
enum class Then {
  next_request,
  close,        // everything was read, or nobody is there
  close_gently, // the client may still be sending: let it read the answer first
};

// A whole answer without a stream. What remains of the request's body is skipped if that is little.
awaitable<Then> send_reply(ClientStream& client,
                           std::shared_ptr<Signal> event,
                           RequestBody& body,
                           Reply reply,
                           ReplyFraming framing);

// After an answer has been sent.
awaitable<Then> finish_request(ClientStream& client,
                               std::shared_ptr<Signal> event,
                               RequestBody& body,
                               bool keep_alive);

} // namespace cubeflash::daemon
