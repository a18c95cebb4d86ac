// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_inputs.hpp"

#include "cli/build/build_context.hpp"
#include "cli/build/requirements.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/image/oci_layout.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

// Changed with anything in the builder that changes what it makes.
constexpr std::string_view kFormat = "cubeflash native build 1";

bool is_variable_name(std::string_view name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && (name.front() < '0' || name.front() > '9') &&
         std::all_of(name.begin(), name.end(), is_word);
}

StringMap merged_args(const BuildRequest& request) {
  StringMap args = request.function->build_args;
  for (const auto& [name, value] : request.build_args)
    args[name] = value;
  for (const auto& [name, value] : args)
    if (!is_variable_name(name) || value.find('\0') != std::string::npos)
      throw Error(
          ErrorKind::invalid,
          fmt::format("function \"{}\": build argument \"{}\" cannot be an environment variable",
                      request.function->name,
                      name),
          "a name has letters, digits and '_', and does not begin with a digit");
  return args;
}

std::string describe_tool(const fs::path& tool) {
  struct stat status {};

  if (::stat(tool.c_str(), &status) != 0) throw SystemError(errno, "reading {}", tool.string());
  return fmt::format(
      "{} {} {}.{}", tool.string(), status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

void hash_list(const std::vector<std::string>& list, Hasher& hasher) {
  hash_field(std::to_string(list.size()), hasher);
  for (const auto& value : list)
    hash_field(value, hasher);
}

} // namespace

BuildInputs BuildInputs::gather(const BuildRequest& request) {
  const StackFunction& function = *request.function;
  BuildInputs inputs;
  inputs.build_args = merged_args(request);
  inputs.packages = option_packages(request);
  inputs.fprocess = function.fprocess.empty() ? request.language.fprocess : function.fprocess;
  inputs.tag = with_context(fmt::format("function \"{}\"", function.name),
                            [&] { return ImageReference::parse(function.image).tag; });
  inputs.context = plan_context(request);
  inputs.tools = find_requirements(request, inputs.context);
  inputs.watchdog = find_watchdog();
  return inputs;
}

std::string BuildInputs::digest(const BuildRequest& request) const {
  Hasher hasher;
  hash_field(kFormat, hasher);
  hash_list({image_architecture(), request.function->name, request.language.name, fprocess, tag},
            hasher);
  hash_field(digest_of_file(watchdog), hasher);
  std::vector<std::string> args;
  for (const auto& [name, value] : build_args)
    args.insert(args.end(), {name, value});
  hash_list(args, hasher);
  hash_list(packages, hasher);
  std::vector<std::string> described;
  for (const auto& tool : tools)
    described.push_back(describe_tool(tool));
  hash_list(described, hasher);
  hash_tree(context, hasher); // with the template's template.yml, and so its steps
  return hasher.finish();
}

fs::path find_watchdog() {
  constexpr const char* kProgram = "cflash-watchdog";
  std::vector<fs::path> places;
  if (const auto given = environment_variable("CFLASH_WATCHDOG")) {
    places.emplace_back(*given);
  } else {
    const fs::path here = executable_directory();
    places = {here / kProgram, (here / "../libexec/cubeflash" / kProgram).lexically_normal()};
  }
  std::error_code ignored;
  for (const auto& place : places)
    if (fs::is_regular_file(place, ignored)) return place;
  throw Error(ErrorKind::not_found,
              fmt::format("{} is put into every image and was not found as {}",
                          kProgram,
                          places.front().string()),
              "it is installed with cflash; CFLASH_WATCHDOG names another place");
}

} // namespace cubeflash::cli
