// SPDX-License-Identifier: Apache-2.0
#include "daemon/gateway/call_heads.hpp"

#include "common/base/text.hpp"
#include "common/base/time.hpp"
#include "common/base/version.hpp"
#include "daemon/http/header_rules.hpp"
#include "daemon/http/reply_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace cubeflash::daemon {

namespace {

const std::string& product() {
  static const std::string text = std::string("cubeflash/") + kVersion;
  return text;
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// Ours alone: whatever the other side says in these is replaced.
bool is_call_header(std::string_view name) {
  if (name.size() < 9 || (name[0] | 0x20) != 'x' || name[1] != '-') return false;
  return iequals(name, "X-Call-Id") || iequals(name, "X-Start-Time") ||
         iequals(name, "X-Served-By");
}

// Which of the headers that are added only when absent the client has sent.
struct Present {
  bool host = false;
  bool agent = false;
  bool forwarded_host = false;
  bool forwarded_for = false;
};

bool is_replaced(const Field& field) {
  switch (field.id) {
  case http::field::content_length: // written anew from the one parsed value
  case http::field::expect:         // answered by the gateway itself
    return true;
  case http::field::unknown:
    return iequals(field.name, "X-Call-Id") || iequals(field.name, "X-Start-Time") ||
           iequals(field.name, "X-Timeout");
  default:
    return false;
  }
}

void note(Present& present, const Field& field) {
  if (field.id == http::field::host) present.host = true;
  if (field.id == http::field::user_agent) present.agent = true;
  if (field.id != http::field::unknown) return;
  if (iequals(field.name, "X-Forwarded-Host")) present.forwarded_host = true;
  if (iequals(field.name, "X-Forwarded-For")) present.forwarded_for = true;
}

std::string_view value_of(const std::vector<Field>& fields, http::field id) {
  const Field* found = find_field(fields, id);
  return found ? found->value : std::string_view();
}

} // namespace

CallIds::CallIds() {
  std::random_device source; // the kernel's generator
  std::seed_seq seed{
      source(), source(), source(), source(), source(), source(), source(), source()};
  random_.seed(seed);
}

std::string CallIds::next() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::uint64_t bits[2] = {random_(), random_()};
  std::string id;
  id.reserve(36);
  for (int i = 0; i < 32; ++i) {
    auto digit = static_cast<unsigned>(bits[i / 16] >> (4 * (i % 16))) & 0xFU;
    if (i == 12) digit = 4;                   // version
    if (i == 16) digit = 8U | (digit & 0x3U); // variant, RFC 9562 section 4.1
    if (i == 8 || i == 12 || i == 16 || i == 20) id += '-';
    id += kDigits[digit];
  }
  return id;
}

CallFacts call_facts(const RequestParser& parser,
                     const std::vector<Field>& fields,
                     std::string_view name,
                     CallIds& ids) {
  CallFacts facts;
  facts.name = name;
  facts.verb = parser.verb;
  facts.version = parser.version;
  facts.keep_alive = parser.keep_alive();
  facts.content_type = value_of(fields, http::field::content_type);
  for (const Field& field : fields) {
    if (field.id != http::field::unknown) continue;
    if (iequals(field.name, "X-Call-Id")) facts.call_id = field.value;
    if (iequals(field.name, "X-Timeout")) facts.client_timeout = parse_duration(field.value);
  }
  if (facts.call_id.empty()) facts.call_id = ids.next();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  facts.start_time = fmt::to_string(std::chrono::nanoseconds(now).count());
  return facts;
}

std::string instance_head(const RequestParser& parser,
                          const std::vector<Field>& fields,
                          const CallFacts& facts,
                          std::string_view rest,
                          std::string_view query,
                          std::string_view peer_address) {
  std::string head;
  head.reserve(512);
  head.append(parser.method).append(" ").append(rest).append(query).append(" HTTP/1.1\r\n");
  const ConnectionOptions options(fields);
  Present present;
  for (const Field& field : fields) {
    if (is_hop_by_hop(field.id) || is_replaced(field) || options.names(field)) continue;
    note(present, field);
    append_line(head, field.name, field.value);
  }
  const auto host = value_of(fields, http::field::host);
  if (!present.host) append_line(head, "Host", facts.name); // HTTP/1.1 demands one
  if (!present.agent) append_line(head, "User-Agent", product());
  if (!present.forwarded_host && !host.empty()) append_line(head, "X-Forwarded-Host", host);
  if (!present.forwarded_for) append_line(head, "X-Forwarded-For", peer_address);
  append_line(head, "X-Call-Id", facts.call_id);
  append_line(head, "X-Start-Time", facts.start_time);
  if (parser.chunked())
    head += "Transfer-Encoding: chunked\r\n";
  else if (const auto length = parser.content_length())
    append_line(head, "Content-Length", fmt::format_int(*length).c_str());
  return head;
}

std::string deadline_lines(const CallFacts& facts, milliseconds remaining) {
  remaining = std::max(remaining, milliseconds(1));
  if (facts.client_timeout) remaining = std::min(remaining, *facts.client_timeout);
  return "X-Timeout: " + format_duration(remaining) + "\r\n\r\n";
}

AnswerFraming answer_framing(const ResponseParser& parser, const CallFacts& facts) {
  if (parser.complete() || parser.content_length()) return AnswerFraming::as_given;
  return facts.version == 11 ? AnswerFraming::chunked : AnswerFraming::until_close;
}

std::vector<std::pair<std::string, std::string>> call_headers(const CallFacts& facts) {
  return {
      {"X-Call-Id", facts.call_id}, {"X-Start-Time", facts.start_time}, {"X-Served-By", product()}};
}

void append_answer_head(std::string& out,
                        const ResponseParser& parser,
                        const std::vector<Field>& fields,
                        const CallFacts& facts,
                        AnswerFraming framing,
                        bool keep_alive) {
  out.append("HTTP/1.1 ").append(fmt::format_int(parser.status).c_str()).append(" ");
  out.append(parser.reason.empty() ? reason_phrase(parser.status) : parser.reason).append("\r\n");
  const ConnectionOptions options(fields);
  bool typed = has_no_body(parser.status);
  for (const Field& field : fields) {
    if (is_hop_by_hop(field.id) || field.id == http::field::content_length) continue;
    if (options.names(field) || is_call_header(field.name)) continue;
    if (field.id == http::field::content_type) typed = true;
    append_line(out, field.name, field.value);
  }
  if (!typed)
    append_line(out,
                "Content-Type",
                facts.content_type.empty() ? std::string_view("text/plain") : facts.content_type);
  append_line(out, "X-Call-Id", facts.call_id);
  append_line(out, "X-Start-Time", facts.start_time);
  append_line(out, "X-Served-By", product());
  const auto length = parser.content_length();
  if (framing == AnswerFraming::chunked)
    out += "Transfer-Encoding: chunked\r\n";
  else if (framing == AnswerFraming::as_given && length && parser.status != 204)
    append_line(out, "Content-Length", fmt::format_int(*length).c_str());
  if (!keep_alive)
    out += "Connection: close\r\n";
  else if (facts.version == 10)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

} // namespace cubeflash::daemon
