// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/router.hpp"

#include "common/base/text.hpp"

#include <optional>
#include <utility>

namespace cubeflash::daemon {

namespace {

std::vector<std::string> segments(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return {};
  return split(path, '/');
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

bool takes_many(std::string_view segment) {
  return segment.ends_with("...}");
}

std::string parameter_name(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(takes_many(segment) ? 4 : 1);
  return std::string(segment);
}

std::optional<PathParameters> match(const std::vector<std::string>& pattern,
                                    const std::vector<std::string>& path) {
  PathParameters parameters;
  std::size_t at = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto left_in_pattern = pattern.size() - i;
    if (path.size() - at < left_in_pattern) return std::nullopt;
    // Greedy: what the rest of the pattern does not need.
    const std::size_t take = takes_many(pattern[i]) ? path.size() - at - left_in_pattern + 1 : 1;
    std::string text = path[at];
    for (std::size_t more = 1; more < take; ++more)
      text += '/' + path[at + more];
    if (is_parameter(pattern[i])) {
      if (text.empty()) return std::nullopt;
      parameters.emplace(parameter_name(pattern[i]), text);
    } else if (text != pattern[i]) {
      return std::nullopt;
    }
    at += take;
  }
  return at == path.size() ? std::optional(std::move(parameters)) : std::nullopt;
}

} // namespace

void Router::add(std::string method, std::string_view pattern, RouteHandler handler) {
  entries_.push_back({std::move(method), segments(pattern), std::move(handler)});
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match result;
  const auto parts = segments(path);
  for (const auto& entry : entries_) {
    auto parameters = match(entry.pattern, parts);
    if (!parameters) continue;
    if (entry.method == method) return {&entry.handler, std::move(*parameters), {}};
    result.allowed.push_back(entry.method);
  }
  return result;
}

} // namespace cubeflash::daemon
