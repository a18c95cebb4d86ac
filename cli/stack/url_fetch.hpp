// SPDX-License-Identifier: Apache-2.0
// One small file over HTTP(S).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace cubeflash::cli {

bool is_http_url(const std::string& text);

// Follows redirects, to http and https only. Throws Error(not_found) for 404 and 410, too_large
// past `max_bytes`, timeout, denied for 401 and 403, unavailable for every other failure.
// Credentials of the URL stay out of messages.
std::string
fetch_url(const std::string& url, std::size_t max_bytes, std::chrono::milliseconds timeout);

} // namespace cubeflash::cli
