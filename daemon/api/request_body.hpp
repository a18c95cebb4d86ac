// SPDX-License-Identifier: Apache-2.0
// A request's body as a whole, for the small JSON documents of the API.
#pragma once

#include "daemon/http/message.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace cubeflash::daemon {

inline constexpr std::size_t kMaxJsonBytes = 1U << 20U;

// Throws Error(too_large) beyond `max_bytes`, and what BodySource::read throws.
awaitable<std::string> read_body(BodySource& body, std::size_t max_bytes = kMaxJsonBytes);

// Throws Error(invalid) when it is no JSON.
awaitable<nlohmann::json> read_json(BodySource& body);

} // namespace cubeflash::daemon
