// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/message_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <cstring>
#include <limits>

namespace cubeflash::daemon {

namespace {

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

template <bool kRequest>
MessageParser<kRequest>::MessageParser(std::vector<Field>& fields) : fields_(&fields) {
  fields.clear();
  this->header_limit(
      std::numeric_limits<std::uint32_t>::max()); // whoever collects the head bounds it
  this->body_limit(boost::none);                  // bodies pass through, none is kept
}

template <bool kRequest>
bool MessageParser<kRequest>::parse_head(std::string_view head) {
  Code error;
  const auto used = this->put(boost::asio::const_buffer(head.data(), head.size()), error);
  in_head_ = false;
  this->eager(true);
  return !error && used == head.size() && this->is_header_done();
}

template <bool kRequest>
typename MessageParser<kRequest>::Decoded MessageParser<kRequest>::decode(char* data,
                                                                          std::size_t size) {
  out_ = data;
  Code error;
  Decoded decoded;
  if (size != 0) decoded.consumed = this->put(boost::asio::const_buffer(data, size), error);
  decoded.produced = static_cast<std::size_t>(out_ - data);
  decoded.ok = !error || error == http::error::need_more;
  return decoded;
}

template <bool kRequest>
bool MessageParser<kRequest>::finish() {
  if (this->is_done()) return true;
  Code error;
  this->put_eof(error);
  return !error;
}

template <bool kRequest>
void MessageParser<kRequest>::on_request_impl(
    http::verb request_verb, Text method_text, Text target_text, int http_version, Code& ec) {
  verb = request_verb;
  method = view(method_text);
  target = view(target_text);
  version = http_version;
  ec = {};
}

template <bool kRequest>
void MessageParser<kRequest>::on_response_impl(int code,
                                               Text reason_text,
                                               int http_version,
                                               Code& ec) {
  status = static_cast<unsigned>(code);
  reason = view(reason_text);
  version = http_version;
  ec = {};
}

template <bool kRequest>
void MessageParser<kRequest>::on_field_impl(http::field id, Text name, Text value, Code& ec) {
  if (in_head_) fields_->push_back({id, view(name), view(value)}); // trailers are dropped
  ec = {};
}

template <bool kRequest>
void MessageParser<kRequest>::on_header_impl(Code& ec) {
  ec = {};
}

template <bool kRequest>
void MessageParser<kRequest>::on_body_init_impl(boost::optional<std::uint64_t> const&, Code& ec) {
  ec = {};
}

template <bool kRequest>
std::size_t MessageParser<kRequest>::on_body_impl(Text body, Code& ec) {
  // Never ahead of the input: the body is at most as long as its framed form.
  if (out_ != body.data()) std::memmove(out_, body.data(), body.size());
  out_ += body.size();
  ec = {};
  return body.size();
}

template <bool kRequest>
void MessageParser<kRequest>::on_chunk_header_impl(std::uint64_t, Text, Code& ec) {
  ec = {};
}

template <bool kRequest>
std::size_t MessageParser<kRequest>::on_chunk_body_impl(std::uint64_t, Text body, Code& ec) {
  return on_body_impl(body, ec);
}

template <bool kRequest>
void MessageParser<kRequest>::on_finish_impl(Code& ec) {
  ec = {};
}

template class MessageParser<true>;
template class MessageParser<false>;

} // namespace cubeflash::daemon
