// SPDX-License-Identifier: Apache-2.0
// Kubernetes resource quantities, as `limits:` and `requests:` write them.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cubeflash {

// "128Mi", "1G", "64k", "1e6", "500" -> bytes; nullopt when it is no quantity, negative, or beyond
// 2^63.
std::optional<std::int64_t> parse_memory(std::string_view text);

// "100m" -> 100, "0.5" -> 500, "2" -> 2000 millicores; nullopt when it is no quantity or negative.
std::optional<std::int64_t> parse_cpu(std::string_view text);

} // namespace cubeflash
