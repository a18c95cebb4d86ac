// SPDX-License-Identifier: Apache-2.0
// A stack.yml as a value (openfaas-contract §8 and the keys of our own). It refuses to know how
// functions are built, deployed or addressed; it does know which file:line:column every mistake
// has.
#pragma once

#include "common/model/function_spec.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::cli {

struct TemplateSource {
  std::string name;
  std::string source; // git URL (#ref allowed), folder or archive; may be empty
};

// One entry of `functions:`.
struct StackFunction {
  std::string name;
  std::string where; // "stack.yml:7:3", for later errors about this function
  std::string lang;
  std::string handler; // as written
  std::string image;   // never empty: the name when the file has none
  std::string fprocess;
  StringMap environment; // environment_file and environment merged; scalars as their text
  std::vector<std::string> secrets;
  std::vector<std::string> constraints;
  StringMap labels;
  StringMap annotations;
  Resources limits;
  Resources requests;
  bool skip_build = false;
  bool read_only_root = false;
  std::vector<std::string> build_options;
  StringMap build_args;
  std::string platforms;
  std::string space; // namespace; empty: the default or the flag's
  std::string mode;
  std::optional<milliseconds> timeout;
  std::optional<std::uint32_t> concurrency;

  // What the API gets. A `space` argument (the --namespace flag) wins over the file's when not
  // empty.
  FunctionSpec to_spec(const std::string& space_flag) const;
};

struct StackFile {
  std::string path;                // as given, "stack.yml" or a URL
  std::filesystem::path directory; // handlers are relative to it; the current directory for a URL
  std::string gateway;             // provider.gateway; empty when absent
  std::vector<TemplateSource> templates;
  std::vector<std::string> copy;        // configuration.copy
  std::vector<StackFunction> functions; // in the file's order
  std::vector<std::string>
      warnings; // "stack.yml:3:1: unknown key \"handlr\"; did you mean \"handler\"?"

  const StackFunction* find(std::string_view name) const;
};

using EnvironmentLookup = std::function<std::optional<std::string>(const std::string&)>;

struct StackOptions {
  std::string file; // path or http(s) URL; empty: stack.yaml, else stack.yml, in `directory`
  std::filesystem::path directory = "."; // where a default file is looked for
  std::string filter;                    // glob in which only * is special; empty: all
  std::string regex;                     // unanchored; empty: all. Both at once is Error(usage)
  bool substitute = true;
  EnvironmentLookup environment; // unset: the process environment
};

// Throws Error(not_found) when there is no file, Error(invalid | unsupported | too_large) with
// "file:line:column: what", Error(not_found) when filter or regex leave nothing.
StackFile load_stack(const StackOptions& options);

// Whether the default file exists, so that commands which can do without one know.
bool has_default_stack(const std::filesystem::path& directory = ".");

// Parses `text`; `path` is for messages, `directory` for environment_file.
StackFile
parse_stack(std::string_view text, const std::string& path, const std::filesystem::path& directory);

// ${...} replaced as openfaas-contract §8 says, everywhere in the text. Throws Error(invalid) with
// line:column.
std::string substitute_environment(std::string_view text,
                                   const EnvironmentLookup& environment,
                                   const std::string& path);

} // namespace cubeflash::cli
