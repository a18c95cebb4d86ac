// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/url_fetch.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <curl/curl.h>

#include <memory>

namespace cubeflash::cli {

namespace {

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

struct Body {
  std::string text;
  std::size_t max_bytes = 0;
  bool overflow = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<Body*>(user);
  const std::size_t bytes = size * count;
  if (body.text.size() + bytes > body.max_bytes) {
    body.overflow = true;
    return 0; // ends the transfer
  }
  body.text.append(data, bytes);
  return bytes;
}

std::string without_credentials(const std::string& url) {
  const auto start = url.find("://");
  const auto at = url.find('@', start + 3);
  if (start == std::string::npos || at == std::string::npos || at > url.find('/', start + 3))
    return url;
  return url.substr(0, start + 3) + url.substr(at + 1);
}

[[noreturn]] void fail_status(const std::string& name, long status) {
  const ErrorKind kind = status == 404 || status == 410   ? ErrorKind::not_found
                         : status == 401 || status == 403 ? ErrorKind::denied
                                                          : ErrorKind::unavailable;
  throw Error(kind, fmt::format("fetching {}: the server answered {}", name, status));
}

} // namespace

bool is_http_url(const std::string& text) {
  const auto scheme = to_lower(text.substr(0, 8));
  return scheme.starts_with("http://") || scheme.starts_with("https://");
}

std::string
fetch_url(const std::string& url, std::size_t max_bytes, std::chrono::milliseconds timeout) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, CurlDeleter> curl(global == CURLE_OK ? curl_easy_init() : nullptr);
  if (!curl) throw Error(ErrorKind::failed, "libcurl cannot be initialised");
  Body body{{}, max_bytes, false};
  const std::string name = without_credentials(url);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "cflash");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (body.overflow)
    throw Error(ErrorKind::too_large, fmt::format("{} is larger than {} bytes", name, max_bytes));
  if (code == CURLE_OPERATION_TIMEDOUT)
    throw Error(ErrorKind::timeout, fmt::format("fetching {}: no answer in time", name));
  if (code != CURLE_OK)
    throw Error(ErrorKind::unavailable,
                fmt::format("fetching {}: {}", name, curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299) fail_status(name, status);
  return std::move(body.text);
}

} // namespace cubeflash::cli
