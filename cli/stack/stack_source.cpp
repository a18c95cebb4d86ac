// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/stack_source.hpp"

#include "cli/stack/stack_file.hpp"
#include "cli/stack/stack_filter.hpp"
#include "cli/stack/url_fetch.hpp"
#include "cli/stack/yaml_limits.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"

#include <array>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 2> kDefaultNames{"stack.yaml", "stack.yml"};
constexpr std::chrono::seconds kFetchTimeout{120};

fs::path default_stack(const fs::path& directory) {
  for (const char* name : kDefaultNames) {
    const fs::path candidate = directory == "." ? fs::path(name) : directory / name;
    std::error_code ignored;
    if (fs::exists(candidate, ignored)) return candidate;
  }
  return {};
}

} // namespace

bool has_default_stack(const fs::path& directory) {
  return !default_stack(directory).empty();
}

StackSource read_stack_source(const std::string& file, const fs::path& directory) {
  if (is_http_url(file)) return {file, ".", fetch_url(file, kMaxYamlBytes, kFetchTimeout)};
  const fs::path path = file.empty() ? default_stack(directory) : fs::path(file);
  if (path.empty())
    throw Error(ErrorKind::not_found,
                fmt::format("no stack.yaml or stack.yml in {}",
                            fs::absolute(directory).lexically_normal().string()),
                "name one with -f, or make one with `cflash new`");
  const auto parent = path.parent_path();
  return {path.string(), parent.empty() ? fs::path(".") : parent, read_file(path, kMaxYamlBytes)};
}

StackFile load_stack(const StackOptions& options) {
  if (!options.filter.empty() && !options.regex.empty())
    throw Error(ErrorKind::usage, "--filter and --regex cannot be used together");
  auto source = read_stack_source(options.file, options.directory);
  if (options.substitute)
    source.text = substitute_environment(source.text, options.environment, source.path);
  auto stack = parse_stack(source.text, source.path, source.directory);
  filter_functions(stack, options.filter, options.regex);
  return stack;
}

} // namespace cubeflash::cli
