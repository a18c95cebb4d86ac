// SPDX-License-Identifier: Apache-2.0
// The head of an answer that the daemon itself gives, as text. Pure.
#pragma once

#include "daemon/http/message.hpp"

#include <string>
#include <string_view>

namespace cubeflash::daemon {

// How an answer is put on one client's connection.
struct ReplyFraming {
  int version = 11;       // of the request: 10 or 11
  bool keep_alive = true; // as the request and the server's state allow
  bool to_head = false;   // the request was HEAD: no body follows
  bool streams = false;   // the body's length is not known yet
};

// "OK" for 200; "" for unknown codes.
std::string_view reason_phrase(unsigned status);

bool has_no_body(unsigned status); // 1xx, 204, 304

// A plain text answer; a line break is added.
Reply text_reply(unsigned status, std::string text);

// Whether a body of unknown length goes out in chunks; else the end of the connection ends it.
bool sends_chunks(unsigned status, const ReplyFraming& framing);

// The whole head with its empty line. Framing headers among the reply's own are dropped.
std::string reply_head(const Reply& reply, const ReplyFraming& framing);

// "1a\r\n", the line before a chunk of that size.
std::string chunk_line(std::size_t size);

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

} // namespace cubeflash::daemon
