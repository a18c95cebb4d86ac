// SPDX-License-Identifier: Apache-2.0
#include "cli/build/requirements.hpp"

#include "cli/build/build_context.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"
#include "common/sandbox/sandbox.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

void add_once(std::vector<std::string>& list, const std::string& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

// Debian policy §5.6.1, and an architecture.
bool is_package_name(std::string_view name) {
  return !name.empty() && name.front() != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.:") ==
             std::string_view::npos;
}

bool is_installed(const std::string& package) {
  const auto result = run(Command{.program = "dpkg-query",
                                  .args = {"-W", "-f", "${db:Status-Status}\n", "--", package},
                                  .argv0 = {},
                                  .env = {},
                                  .cwd = {}});
  const auto states = split(trim(result.out), '\n'); // one an architecture
  return result.status.ok() && std::find(states.begin(), states.end(), "installed") != states.end();
}

} // namespace

std::vector<fs::path> find_requirements(const BuildRequest& request, const Tree& context) {
  std::vector<fs::path> found;
  std::vector<std::string> missing;
  std::vector<std::string> packages;
  const std::string path = sandbox_path();
  for (const auto& requirement : request.language.requirements) {
    if (!holds(context, requirement.when)) continue;
    if (const auto program = find_program(requirement.command, path)) {
      found.push_back(fs::canonical(*program));
      continue;
    }
    add_once(missing, requirement.command);
    add_once(packages, requirement.package);
  }
  if (!missing.empty())
    throw Error(ErrorKind::not_found,
                fmt::format("function \"{}\": {} {} needed to build it and {} not found",
                            request.function->name,
                            fmt::join(missing, ", "),
                            missing.size() == 1 ? "is" : "are",
                            missing.size() == 1 ? "was" : "were"),
                fmt::format("apt install {}", fmt::join(packages, " ")));
  return found;
}

std::vector<std::string> option_packages(const BuildRequest& request) {
  std::vector<std::string> known;
  for (const auto& [name, packages] : request.language.build_options)
    known.push_back(name);
  std::vector<std::string> wanted = request.function->build_options;
  for (const auto& option : request.build_options)
    add_once(wanted, option);
  std::vector<std::string> result;
  for (const auto& option : wanted) {
    const auto found = request.language.build_options.find(option);
    if (found == request.language.build_options.end())
      throw Error(ErrorKind::invalid,
                  fmt::format("function \"{}\": template \"{}\" has no build option \"{}\"{}",
                              request.function->name,
                              request.language.name,
                              option,
                              did_you_mean(option, known)),
                  known.empty() ? "it has none"
                                : fmt::format("it has: {}", fmt::join(known, ", ")));
    for (const auto& package : found->second) {
      if (!is_package_name(package))
        throw Error(
            ErrorKind::invalid,
            fmt::format("template \"{}\": \"{}\" in build option \"{}\" is not a package's name",
                        request.language.name,
                        package,
                        option));
      add_once(result, package);
    }
  }
  return result;
}

void check_packages(const BuildRequest& request, const std::vector<std::string>& packages) {
  if (packages.empty() || !find_program("dpkg-query")) return;
  std::vector<std::string> missing;
  for (const auto& package : packages)
    if (!is_installed(package)) missing.push_back(package);
  if (!missing.empty())
    throw Error(
        ErrorKind::not_found,
        fmt::format("function \"{}\": its build options need packages that are not installed: {}",
                    request.function->name,
                    fmt::join(missing, " ")),
        fmt::format("apt install {}", fmt::join(missing, " ")));
}

} // namespace cubeflash::cli
