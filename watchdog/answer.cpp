// SPDX-License-Identifier: Apache-2.0
#include "watchdog/answer.hpp"

#include "watchdog/media_type.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>

namespace cubeflash::watchdog {

namespace {

// RFC 9110 section 5.6.7, made once a second.
std::string_view http_date() {
  static std::time_t made_at = -1;
  static std::string text;
  const std::time_t now = ::time(nullptr);
  if (now == made_at) return text;
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  made_at = now;
  text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<std::size_t>(parts.tm_wday)],
                     parts.tm_mday,
                     kMonths[static_cast<std::size_t>(parts.tm_mon)],
                     parts.tm_year + 1900,
                     parts.tm_hour,
                     parts.tm_min,
                     parts.tm_sec);
  return text;
}

std::string_view content_type(const Answer& answer) {
  if (!answer.content_type.empty()) return answer.content_type;
  if (!answer.text.empty() || !answer.output) return "text/plain; charset=utf-8";
  return guess_media_type(answer.output->memory());
}

} // namespace

Answer plain_answer(unsigned status, std::string text, std::string internal) {
  Answer answer;
  answer.status = status;
  answer.internal = std::move(internal);
  answer.text = std::move(text) + "\n";
  return answer;
}

std::string
answer_head(const Answer& answer, Persistence persistence, std::chrono::duration<double> took) {
  std::string head;
  auto out = std::back_inserter(head);
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(answer.status));
  fmt::format_to(
      out, "HTTP/1.1 {} {}\r\n", answer.status, std::string_view(reason.data(), reason.size()));
  if (answer.size() > 0 || !answer.content_type.empty())
    fmt::format_to(out, "Content-Type: {}\r\n", content_type(answer));
  fmt::format_to(out, "Content-Length: {}\r\nDate: {}\r\n", answer.size(), http_date());
  fmt::format_to(out, "X-Duration-Seconds: {:f}\r\n", took.count());
  if (!answer.internal.empty()) fmt::format_to(out, "X-OpenFaaS-Internal: {}\r\n", answer.internal);
  if (persistence == Persistence::close) head += "Connection: close\r\n";
  if (persistence == Persistence::keep_http_1_0) head += "Connection: keep-alive\r\n";
  return head += "\r\n";
}

} // namespace cubeflash::watchdog
