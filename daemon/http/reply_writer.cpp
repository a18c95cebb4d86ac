// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/reply_writer.hpp"

#include <utility>

namespace cubeflash::daemon {

awaitable<Then> finish_request(ClientStream& client,
                               std::shared_ptr<Signal> event,
                               RequestBody& body,
                               bool keep_alive) {
  if (client.aborted()) co_return Then::close;
  body.drop();
  const bool all_read = body.complete() && client.input().empty();
  if (!keep_alive) co_return all_read ? Then::close : Then::close_gently;
  if (body.complete()) co_return Then::next_request;
  const bool skipped = co_await body.skip(*event);
  co_return skipped ? Then::next_request : Then::close_gently;
}

awaitable<Then> send_reply(ClientStream& client,
                           std::shared_ptr<Signal> event,
                           RequestBody& body,
                           Reply reply,
                           ReplyFraming framing) {
  // A client that waits for "100 Continue" may send its body or not: the connection's state is
  // unknown from here on.
  if (body.unannounced()) framing.keep_alive = false;
  const std::string head = reply_head(reply, framing);
  Gather pieces;
  pieces.add(head);
  if (!framing.to_head && !has_no_body(reply.status)) pieces.add(reply.body);
  const bool sent = co_await client.send(pieces);
  if (!sent) co_return Then::close;
  co_return co_await finish_request(client, event, body, framing.keep_alive);
}

} // namespace cubeflash::daemon
