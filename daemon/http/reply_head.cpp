// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/reply_head.hpp"

#include "common/base/text.hpp"

#include <boost/beast/http/status.hpp>

namespace cubeflash::daemon {

namespace {

bool is_framing(std::string_view name) {
  return iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding") ||
         iequals(name, "Connection");
}

// A line break in a value would let whoever chose the value write headers of their own.
void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char letter : value)
    head += letter == '\r' || letter == '\n' ? ' ' : letter;
  head += "\r\n";
}

// An answer to HEAD may tell the length that GET would have: RFC 9110 section 8.6.
void append_length(std::string& head, const Reply& reply, const ReplyFraming& framing) {
  std::string length = std::to_string(reply.body.size());
  if (framing.to_head)
    for (const auto& [name, value] : reply.headers)
      if (iequals(name, "Content-Length")) length = value;
  append_field(head, "Content-Length", length);
}

} // namespace

std::string_view reason_phrase(unsigned status) {
  const auto known = boost::beast::http::int_to_status(status);
  if (known == boost::beast::http::status::unknown) return {};
  const auto text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

bool has_no_body(unsigned status) {
  return status / 100 == 1 || status == 204 || status == 304;
}

Reply text_reply(unsigned status, std::string text) {
  Reply reply;
  reply.status = status;
  reply.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  reply.body = std::move(text) + "\n";
  return reply;
}

bool sends_chunks(unsigned status, const ReplyFraming& framing) {
  return framing.streams && framing.version == 11 && !has_no_body(status);
}

std::string reply_head(const Reply& reply, const ReplyFraming& framing) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, reason_phrase(reply.status));
  for (const auto& [name, value] : reply.headers)
    if (!is_framing(name)) append_field(head, name, value);
  if (sends_chunks(reply.status, framing))
    head += "Transfer-Encoding: chunked\r\n";
  else if (!framing.streams && !has_no_body(reply.status))
    append_length(head, reply, framing);
  if (!framing.keep_alive)
    head += "Connection: close\r\n";
  else if (framing.version == 10)
    head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

std::string chunk_line(std::size_t size) {
  return fmt::format("{:x}\r\n", size);
}

} // namespace cubeflash::daemon
