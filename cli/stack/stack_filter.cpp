// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/stack_filter.hpp"

#include "cli/stack/glob.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <regex>

namespace cubeflash::cli {

namespace {

constexpr std::size_t kMaxPattern = 256;

// Without back references and without backtracking, like the RE2 that OpenFaaS's CLI uses; so no
// pattern takes forever.
constexpr auto kSyntax = std::regex::ECMAScript | std::regex_constants::__polynomial;

std::regex compile(const std::string& pattern) {
  try {
    return std::regex(pattern, kSyntax);
  } catch (const std::regex_error&) {
    throw Error(ErrorKind::usage,
                fmt::format("--regex: \"{}\" is not a valid expression", pattern));
  }
}

void check_length(std::string_view flag, const std::string& pattern) {
  if (pattern.size() > kMaxPattern)
    throw Error(ErrorKind::usage,
                fmt::format("{} is longer than {} characters", flag, kMaxPattern));
}

std::vector<std::string> names_of(const StackFile& stack) {
  std::vector<std::string> names;
  for (const auto& function : stack.functions)
    names.push_back(function.name);
  return names;
}

} // namespace

void filter_functions(StackFile& stack, const std::string& filter, const std::string& regex) {
  if (filter.empty() && regex.empty()) return;
  if (!filter.empty() && !regex.empty())
    throw Error(ErrorKind::usage, "--filter and --regex cannot be used together");
  check_length("--filter", filter);
  check_length("--regex", regex);
  const auto names = names_of(stack);
  if (!regex.empty()) {
    const std::regex expression = compile(regex);
    std::erase_if(stack.functions, [&](const auto& function) {
      return !std::regex_search(function.name, expression);
    });
  } else {
    const auto glob = Glob::parse(filter, true);
    std::erase_if(stack.functions,
                  [&](const auto& function) { return !glob->matches(function.name); });
  }
  if (!stack.functions.empty()) return;
  throw Error(ErrorKind::not_found,
              filter.empty()
                  ? fmt::format("no function of {} matches --regex {}", stack.path, regex)
                  : fmt::format("no function of {} matches --filter {}{}",
                                stack.path,
                                filter,
                                did_you_mean(filter, names)),
              fmt::format("the file has: {}", fmt::join(names, ", ")));
}

} // namespace cubeflash::cli
