// SPDX-License-Identifier: Apache-2.0
// What can be refused of a text before a YAML parser, which recurses, sees it.
#pragma once

#include <string>
#include <string_view>

namespace cubeflash::cli {

inline constexpr std::size_t kMaxYamlBytes = 1U << 20U;
inline constexpr std::size_t kMaxYamlDepth = 64;

// Throws Error(too_large) for more than kMaxYamlBytes or deeper nesting than kMaxYamlDepth,
// Error(invalid) for what is no UTF-8 text.
void check_yaml_text(std::string_view text, const std::string& path);

} // namespace cubeflash::cli
