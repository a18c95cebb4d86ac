// SPDX-License-Identifier: Apache-2.0
// The HTTP border: errors become answers here, and nowhere else.
#pragma once

#include "common/base/error.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/reply_head.hpp"

#include <nlohmann/json_fwd.hpp>

namespace cubeflash::daemon {

unsigned http_status(ErrorKind kind);

// Plain text, as stock clients print it: what happened, and the hint on a second line.
Reply error_reply(const Error& error);

// The distribution specification's form, for /v2/: {"errors":[{"code":...,"message":...}]}
Reply registry_error_reply(const Error& error);

// No body.
Reply empty_reply(unsigned status);
Reply json_reply(unsigned status, const nlohmann::json& json);

} // namespace cubeflash::daemon
