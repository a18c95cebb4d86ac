// SPDX-License-Identifier: Apache-2.0
#include "watchdog/body_reader.hpp"

#include <algorithm>

namespace cubeflash::watchdog {

namespace {

constexpr std::size_t kLargestPiece = 65536;
// How long a client may pause in the middle of a body that nobody wants any more.
constexpr milliseconds kDiscardPatience{2000};

} // namespace

BodyReader::BodyReader(Client& client, Request& request, milliseconds budget)
    : client_(client), request_(request), left_(budget), limited_(budget.count() > 0),
      state_(request.body_is_done() ? State::done : State::more) {}

awaitable<std::string_view> BodyReader::read(milliseconds patience) {
  while (state_ == State::more) {
    if (!piece_) allocate();
    std::size_t produced = 0;
    const auto progress = request_.parse_body(client_.buffer(), piece_.get(), size_, produced);
    if (progress == Request::Progress::malformed) state_ = State::malformed;
    if (progress == Request::Progress::done) state_ = State::done;
    if (produced > 0) co_return std::string_view(piece_.get(), produced);
    if (state_ == State::more) co_await wait(patience);
  }
  co_return std::string_view();
}

awaitable<void> BodyReader::discard() {
  while (state_ == State::more)
    co_await read(kDiscardPatience);
}

awaitable<void> BodyReader::wait(milliseconds patience) {
  // Only a chunk's header or a trailer stays unconsumed; one of this size is an attack.
  if (client_.buffer().size() >= kLargestPiece) {
    state_ = State::malformed;
    co_return;
  }
  if (limited_ && left_.count() <= 0) {
    state_ = State::timed_out;
    co_return;
  }
  const auto begun = Clock::now();
  const auto longest = limited_ ? std::min(left_, patience) : patience;
  const auto deadline = longest == milliseconds::max() ? kNever : begun + longest;
  const auto read = co_await client_.read_more(size_, deadline);
  if (limited_) left_ -= std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
  if (read == Client::Read::closed) state_ = State::closed;
  if (read == Client::Read::timed_out) state_ = State::timed_out;
}

void BodyReader::allocate() {
  const auto length = request_.content_length();
  size_ = length < 0
              ? kLargestPiece
              : std::clamp<std::size_t>(static_cast<std::size_t>(length), 1024, kLargestPiece);
  piece_ = std::unique_ptr<char[]>(new char[size_]); // NOLINT(modernize-avoid-c-arrays)
}

} // namespace cubeflash::watchdog
