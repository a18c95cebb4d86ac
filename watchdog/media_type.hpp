// SPDX-License-Identifier: Apache-2.0
// A guess at what an answer is, for a function that names no content type and a request that has
// none.
#pragma once

#include <string_view>

namespace cubeflash::watchdog {

// From the first bytes: HTML, common images and archives, else text or binary. Always something.
std::string_view guess_media_type(std::string_view body);

} // namespace cubeflash::watchdog
