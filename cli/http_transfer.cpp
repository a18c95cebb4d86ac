// SPDX-License-Identifier: Apache-2.0
#include "cli/http_transfer.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <curl/curl.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace cubeflash::cli {

namespace {

constexpr std::size_t kMaxAnswer = 64U << 20U; // of an answer that is kept whole
constexpr long kConnectTimeoutMs = 10'000;

// libcurl's handles are all `void`: one deleter type each.
template <auto Free>
struct Freed {
  template <typename Handle>
  void operator()(Handle* handle) const {
    Free(handle);
  }
};

using Easy = std::unique_ptr<CURL, Freed<::curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Freed<::curl_multi_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, Freed<::curl_slist_free_all>>;
using Url = std::unique_ptr<CURLU, Freed<::curl_url_cleanup>>;
using CurlText = std::unique_ptr<char, Freed<::curl_free>>;

// Before the first handle, once; never undone, the process ends soon anyway.
void initialise_curl() {
  static const CURLcode done = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK) throw Error(ErrorKind::failed, "libcurl cannot be used");
}

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (::curl_easy_setopt(handle, option, value) != CURLE_OK)
    throw Error(ErrorKind::failed,
                fmt::format("libcurl refuses option {}", static_cast<int>(option)));
}

// The state of one exchange, which libcurl's callbacks see through a void pointer. They are called
// from C: what they throw is kept and thrown again by the loop.
class Exchange {
 public:
  Exchange(const HttpRequest& request, const BodySink& sink) : request_(request), sink_(sink) {
    initialise_curl();
    easy_.reset(::curl_easy_init());
    multi_.reset(::curl_multi_init());
    if (!easy_ || !multi_) throw Error(ErrorKind::failed, "libcurl cannot be used");
    set_target();
    set_headers();
    set_body();
    set_callbacks();
  }

  ~Exchange() { ::curl_multi_remove_handle(multi_.get(), easy_.get()); }

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  HttpAnswer run() {
    ::curl_multi_add_handle(multi_.get(), easy_.get());
    int running = 1;
    while (running != 0) {
      if (::curl_multi_perform(multi_.get(), &running) != CURLM_OK)
        throw Error(ErrorKind::failed, "libcurl failed");
      if (running != 0) wait();
    }
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left))
      if (message->msg == CURLMSG_DONE) finish(message->data.result);
    return std::move(answer_);
  }

 private:
  void set_target() {
    CURL* easy = easy_.get();
    set(easy, CURLOPT_URL, request_.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    set(easy, CURLOPT_ERRORBUFFER, error_text_);
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
    if (request_.stall_timeout.count() > 0) {
      set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
      set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request_.stall_timeout.count() / 1000));
    }
    if (!request_.verify_tls) {
      set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
      set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    // As Go's clients: http_proxy never applies to this machine.
    if (const auto host = host_of(request_.url); host && is_local_host(*host))
      set(easy, CURLOPT_PROXY, "");
  }

  void set_headers() {
    std::vector<std::string> lines = request_.headers;
    lines.emplace_back("Expect:"); // a second's wait for a 100 that most servers never send
    const bool typed = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
      return iequals(std::string_view(line).substr(0, 13), "Content-Type:");
    });
    if (!typed) lines.emplace_back("Content-Type:"); // libcurl would claim a form
    for (const auto& line : lines) {
      curl_slist* longer = ::curl_slist_append(headers_.get(), line.c_str());
      if (longer == nullptr) throw std::bad_alloc();
      [[maybe_unused]] auto* same = headers_.release();
      headers_.reset(longer);
    }
    set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
  }

  void set_body() {
    CURL* easy = easy_.get();
    const bool bodyless = request_.method == "GET" || request_.method == "HEAD";
    if (request_.method == "HEAD") {
      set(easy, CURLOPT_NOBODY, 1L);
      return;
    }
    if (request_.body_fd >= 0) {
      set(easy, CURLOPT_UPLOAD, 1L);
      if (request_.body_size)
        set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(*request_.body_size));
    } else if (!bodyless || !request_.body.empty()) {
      set(easy, CURLOPT_POST, 1L);
      set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
    }
    set(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }

  void set_callbacks() {
    CURL* easy = easy_.get();
    set(easy, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    set(easy, CURLOPT_HEADERDATA, this);
    set(easy, CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    set(easy, CURLOPT_WRITEDATA, this);
    set(easy, CURLOPT_READFUNCTION, &Exchange::on_read);
    set(easy, CURLOPT_READDATA, this);
  }

  // Sleeps until the socket or a paused body has something. The body is part of the wait, so an
  // answer that comes while standard input is idle is shown at once.
  void wait() {
    curl_waitfd body{request_.body_fd, CURL_WAIT_POLLIN, 0};
    if (::curl_multi_poll(multi_.get(), &body, paused_ ? 1 : 0, 60'000, nullptr) != CURLM_OK)
      throw Error(ErrorKind::failed, "libcurl failed");
    if (paused_ && body_readable()) {
      paused_ = false;
      ::curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
    }
  }

  bool body_readable() const {
    pollfd wait{request_.body_fd, POLLIN, 0};
    return ::poll(&wait, 1, 0) > 0;
  }

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    return exchange.guard([&] {
      return exchange.take_header({data, size * count});
    })
               ? size * count
               : 0;
  }

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    return exchange.guard([&] {
      return exchange.take_body({data, size * count});
    })
               ? size * count
               : 0;
  }

  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    std::size_t given = CURL_READFUNC_ABORT;
    exchange.guard([&] {
      given = exchange.give_body(buffer, size * count);
      return true;
    });
    return given;
  }

  template <typename Step>
  bool guard(Step&& step) noexcept {
    try {
      return step();
    } catch (...) {
      failure_ = std::current_exception();
      return false;
    }
  }

  bool take_header(std::string_view line) {
    line = trim(line);
    if (line.substr(0, 5) == "HTTP/") { // a new head, after a 100 or a proxy's answer
      answer_.headers.clear();
      const auto parts = split(line, ' ');
      answer_.status = parts.size() > 1 ? parse_integer<unsigned>(parts[1]).value_or(0) : 0;
      return true;
    }
    const auto colon = line.find(':');
    if (colon != std::string_view::npos)
      answer_.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    return true;
  }

  bool take_body(std::string_view piece) {
    if (sink_) {
      ended_by_sink_ = !sink_(answer_, piece);
      return !ended_by_sink_;
    }
    if (answer_.body.size() + piece.size() > kMaxAnswer)
      throw Error(ErrorKind::too_large, fmt::format("the answer of {} is too large", request_.url));
    answer_.body.append(piece);
    return true;
  }

  std::size_t give_body(char* buffer, std::size_t room) {
    if (!body_readable()) {
      paused_ = true;
      return CURL_READFUNC_PAUSE;
    }
    const ssize_t n = ::read(request_.body_fd, buffer, room);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EINTR || errno == EAGAIN) {
      paused_ = true;
      return CURL_READFUNC_PAUSE;
    }
    throw SystemError(errno, "reading the request's body");
  }

  void finish(CURLcode code) {
    if (failure_) std::rethrow_exception(failure_);
    if (code == CURLE_OK || ended_by_sink_) return;
    // The peer answered and then did not want the rest of the body: the answer is what counts.
    if (code == CURLE_SEND_ERROR && answer_.status >= 400) return;
    throw_error(code);
  }

  [[noreturn]] void throw_error(CURLcode code) const {
    const std::string detail = error_text_[0] != '\0' ? error_text_ : ::curl_easy_strerror(code);
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      throw Error(ErrorKind::invalid,
                  fmt::format("{} is not an address: {}", request_.url, detail));
    case CURLE_COULDNT_CONNECT:
      throw Error(ErrorKind::unavailable,
                  fmt::format("cannot connect to {}: {}", origin(), system_reason(detail)));
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      throw Error(ErrorKind::unavailable,
                  fmt::format("cannot connect to {}: {}", origin(), detail));
    case CURLE_OPERATION_TIMEDOUT:
      throw Error(ErrorKind::timeout,
                  fmt::format("no answer from {} in time: {}", origin(), detail));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
      throw Error(ErrorKind::denied,
                  fmt::format("cannot trust {}: {}", origin(), detail),
                  "--tls-no-verify connects without checking the certificate");
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
      throw Error(ErrorKind::unavailable,
                  fmt::format("{} closed the connection in the middle of {} {}: {}",
                              origin(),
                              request_.method,
                              request_.url.substr(origin().size()),
                              detail),
                  "it may have been stopped or have crashed; its log may say why");
    default:
      throw Error(ErrorKind::failed,
                  fmt::format("{} {}: {}", request_.method, request_.url, detail));
    }
  }

  // The last failed system call says it better, when there was one.
  std::string system_reason(const std::string& detail) const {
    long code = 0;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &code);
    return code != 0 ? errno_text(static_cast<int>(code)) : detail;
  }

  std::string origin() const {
    const auto scheme = request_.url.find("://");
    const auto start = scheme == std::string::npos ? 0 : scheme + 3;
    return request_.url.substr(0, request_.url.find('/', start));
  }

  const HttpRequest& request_;
  const BodySink& sink_;
  Easy easy_;
  Multi multi_;
  HeaderList headers_;
  char error_text_[CURL_ERROR_SIZE] =
      {}; // NOLINT(modernize-avoid-c-arrays) - libcurl writes into it
  HttpAnswer answer_;
  std::exception_ptr failure_;
  bool paused_ = false;
  bool ended_by_sink_ = false;
};

} // namespace

std::string HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (iequals(key, name)) return value;
  return {};
}

HttpAnswer exchange(const HttpRequest& request, const BodySink& sink) {
  return Exchange(request, sink).run();
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::optional<std::string> host_of(const std::string& url) {
  const Url parsed(::curl_url());
  if (!parsed || ::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return std::nullopt;
  char* text = nullptr;
  if (::curl_url_get(parsed.get(), CURLUPART_SCHEME, &text, 0) != CURLUE_OK) return std::nullopt;
  const CurlText scheme(text);
  if (!iequals(scheme.get(), "http") && !iequals(scheme.get(), "https")) return std::nullopt;
  text = nullptr;
  if (::curl_url_get(parsed.get(), CURLUPART_HOST, &text, 0) != CURLUE_OK) return std::nullopt;
  const CurlText host(text);
  std::string_view name = host.get();
  if (name.size() > 2 && name.front() == '[') name = name.substr(1, name.size() - 2);
  return std::string(name);
}

bool is_local_host(std::string_view host) {
  if (iequals(host, "localhost") || host == "::1") return true;
  const auto parts = split(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [](const auto& part) {
    return parse_integer<std::uint8_t>(part).has_value();
  });
}

} // namespace cubeflash::cli
