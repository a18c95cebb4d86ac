// SPDX-License-Identifier: Apache-2.0
// Beast's message grammar over views: a complete head is parsed without copying a field, a body is
// decoded in place. It refuses to know where bytes come from or go to.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

namespace http = boost::beast::http;

// Views into the input.
struct Field {
  http::field id;
  std::string_view name;
  std::string_view value;
};

template <bool kRequest>
class MessageParser : private http::basic_parser<kRequest> {
 public:
  using Base = http::basic_parser<kRequest>;

  // `fields` is emptied and filled; it outlives the parser and is passed in so that its memory
  // serves many messages.
  explicit MessageParser(std::vector<Field>& fields);

  // The whole head, its empty line included. False: not HTTP, or contradictory.
  bool parse_head(std::string_view head);

  // A response to HEAD: whatever its head says, no body follows. Before parse_head().
  void expect_no_body() { this->skip(true); }

  struct Decoded {
    std::size_t consumed = 0; // bytes of `data` that are done with
    std::size_t produced = 0; // bytes of body, now at the front of `data`
    bool ok = true;
  };

  // The next bytes of the body; chunk framing and trailers are taken out. Not after complete().
  Decoded decode(char* data, std::size_t size);

  // The peer closed its side. False: in the middle of the message.
  bool finish();

  bool complete() const { return this->is_done(); }

  bool until_end() const { return this->need_eof(); }

  using Base::chunked;
  using Base::content_length;
  using Base::keep_alive;

  std::vector<Field>& fields() { return *fields_; }

  http::verb verb = http::verb::unknown;
  std::string_view method;
  std::string_view target;
  unsigned status = 0;
  std::string_view reason;
  int version = 11;

 private:
  using Text = boost::beast::string_view;
  using Code = boost::beast::error_code;

  void on_request_impl(http::verb verb, Text method, Text target, int version, Code& ec) override;
  void on_response_impl(int status, Text reason, int version, Code& ec) override;
  void on_field_impl(http::field id, Text name, Text value, Code& ec) override;
  void on_header_impl(Code& ec) override;
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, Code& ec) override;
  std::size_t on_body_impl(Text body, Code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, Code& ec) override;
  void on_finish_impl(Code& ec) override;

  std::vector<Field>* fields_;
  bool in_head_ = true;
  char* out_ = nullptr; // behind what decode() has produced
};

extern template class MessageParser<true>;
extern template class MessageParser<false>;
using RequestParser = MessageParser<true>;
using ResponseParser = MessageParser<false>;

} // namespace cubeflash::daemon
