// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/function_parser.hpp"

#include "cli/stack/yaml_limits.hpp"
#include "common/base/file.hpp"
#include "common/base/quantity.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"

#include <map>

namespace cubeflash::cli {

namespace {

namespace fs = std::filesystem;
using Kind = YamlValue::Kind;

struct Target {
  StackFunction& function;
  const fs::path& directory;
  std::vector<std::string>& warnings;
  StringMap from_files; // of environment_file
};

// Runs a rule of the model, so that both ends of the API say the same words; the message gets the
// value's place.
void check_with_model(const YamlValue& value, const FunctionSpec& part) {
  FunctionSpec whole = part;
  whole.name = {"a"};
  whole.image = "a";
  with_context(value.where(), [&] { validate(whole); });
}

void read_environment(const YamlValue& value, std::string_view name, StringMap& result) {
  if (value.is(Kind::list))
    value.fail(fmt::format("{}: expected a map", name), "write NAME: value, not - NAME=value");
  for (const auto& entry : value.entries(name)) {
    FunctionSpec part;
    part.environment[entry.key] = entry.value.text(fmt::format("{}.{}", name, entry.key));
    check_with_model(entry.value, part);
    result[entry.key] = part.environment[entry.key];
  }
}

void read_environment_files(const YamlValue& value, Target& target) {
  for (const auto& item : value.items("environment_file")) {
    const auto path = target.directory / item.text("environment_file");
    const auto text = with_context(item.where(), [&] { return read_file(path, kMaxYamlBytes); });
    const YamlValue root = read_yaml(text, path.lexically_normal().string());
    for (const auto& entry : root.entries("environment file")) {
      if (entry.key == "environment")
        read_environment(entry.value, "environment", target.from_files);
      else
        target.warnings.push_back(fmt::format(
            "{}: unknown key \"{}\"; only \"environment\" is read", entry.where, entry.key));
    }
  }
}

void read_resources(const YamlValue& value,
                    std::string_view name,
                    Resources& result,
                    Target& target) {
  warn_unknown_keys(value, name, {"memory", "cpu"}, target.warnings);
  for (const auto& [key, item, where] : value.entries(name)) {
    FunctionSpec part;
    if (key == "memory")
      part.limits.memory = result.memory = item.text(fmt::format("{}.memory", name));
    else if (key == "cpu")
      part.limits.cpu = result.cpu = item.text(fmt::format("{}.cpu", name));
    const bool valid = (part.limits.memory.empty() || parse_memory(part.limits.memory)) &&
                       (part.limits.cpu.empty() || parse_cpu(part.limits.cpu));
    if (!valid)
      item.fail(fmt::format("{}.{}: \"{}\" is not a quantity", name, key, item.text(name)),
                key == "memory" ? "write it like 128Mi or 1G" : "write it like 100m or 0.5");
  }
}

void read_timeout(const YamlValue& value, Target& target) {
  const auto& text = value.text("timeout");
  if (text.empty()) return;
  target.function.timeout = parse_duration(text);
  if (!target.function.timeout || target.function.timeout->count() <= 0)
    value.fail(fmt::format("timeout: \"{}\" is not a duration longer than 0", text),
               "write it like 30s, 1m30s or 250ms");
}

void read_concurrency(const YamlValue& value, Target& target) {
  const auto& text = value.text("concurrency");
  if (text.empty()) return;
  FunctionSpec part;
  part.concurrency = parse_integer<std::uint32_t>(text);
  if (!part.concurrency) value.fail(fmt::format("concurrency: \"{}\" is not a whole number", text));
  check_with_model(value, part);
  target.function.concurrency = part.concurrency;
}

void read_mode(const YamlValue& value, Target& target) {
  FunctionSpec part;
  part.mode = value.text("mode");
  check_with_model(value, part);
  target.function.mode = part.mode;
}

void read_namespace(const YamlValue& value, Target& target) {
  const auto& text = value.text("namespace");
  if (!text.empty()) with_context(value.where(), [&] { validate_name(text, "namespace"); });
  target.function.space = text;
}

void read_constraints(const YamlValue& value, Target& target) {
  target.function.constraints = value.texts("constraints");
  if (!target.function.constraints.empty())
    target.warnings.push_back(
        fmt::format("{}: constraints have no effect on the local engine", value.where()));
}

// Keys of OpenFaaS and of ours that are known, but not built yet: accepted while they ask for
// nothing.
void refuse(const YamlEntry& entry) {
  if (entry.value.is_empty()) return;
  throw Error(ErrorKind::unsupported,
              fmt::format("{}: `{}` is not supported yet", entry.where, entry.key),
              fmt::format("remove `{}` to run the function without it", entry.key));
}

void read_secrets(const YamlEntry& entry, Target& target) {
  target.function.secrets = entry.value.texts("secrets");
  refuse(entry);
}

void read_later_list(const YamlEntry& entry, Target&) {
  entry.value.items(entry.key);
  refuse(entry);
}

void read_later_map(const YamlEntry& entry, Target&) {
  entry.value.entries(entry.key);
  refuse(entry);
}

void read_later_any(const YamlEntry& entry, Target&) {
  if (entry.value.is(Kind::scalar))
    entry.value.fail(fmt::format("{}: expected a list or a map", entry.key));
  refuse(entry);
}

using Reader = void (*)(const YamlEntry&, Target&);

// Reads a key whose value is one text.
template <std::string StackFunction::*Member>
void read_text(const YamlEntry& entry, Target& target) {
  target.function.*Member = entry.value.text(entry.key);
}

template <StringMap StackFunction::*Member>
void read_map(const YamlEntry& entry, Target& target) {
  target.function.*Member = entry.value.text_map(entry.key);
}

template <bool StackFunction::*Member>
void read_flag(const YamlEntry& entry, Target& target) {
  target.function.*Member = entry.value.flag(entry.key);
}

template <void (*Read)(const YamlValue&, Target&)>
void read_value(const YamlEntry& entry, Target& target) {
  Read(entry.value, target);
}

template <Resources StackFunction::*Member>
void read_quantities(const YamlEntry& entry, Target& target) {
  read_resources(entry.value, entry.key, target.function.*Member, target);
}

void read_inline_environment(const YamlEntry& entry, Target& target) {
  read_environment(entry.value, "environment", target.function.environment);
}

void read_build_options(const YamlEntry& entry, Target& target) {
  target.function.build_options = entry.value.texts("build_options");
}

const std::map<std::string, Reader>& readers() {
  static const std::map<std::string, Reader> table{
      {"lang", read_text<&StackFunction::lang>},
      {"handler", read_text<&StackFunction::handler>},
      {"image", read_text<&StackFunction::image>},
      {"fprocess", read_text<&StackFunction::fprocess>},
      {"platforms", read_text<&StackFunction::platforms>},
      {"namespace", read_value<read_namespace>},
      {"environment", read_inline_environment},
      {"environment_file", read_value<read_environment_files>},
      {"constraints", read_value<read_constraints>},
      {"labels", read_map<&StackFunction::labels>},
      {"annotations", read_map<&StackFunction::annotations>},
      {"build_args", read_map<&StackFunction::build_args>},
      {"build_options", read_build_options},
      {"limits", read_quantities<&StackFunction::limits>},
      {"requests", read_quantities<&StackFunction::requests>},
      {"skip_build", read_flag<&StackFunction::skip_build>},
      {"readonly_root_filesystem", read_flag<&StackFunction::read_only_root>},
      {"mode", read_value<read_mode>},
      {"timeout", read_value<read_timeout>},
      {"concurrency", read_value<read_concurrency>},
      {"secrets", read_secrets},
      {"scaling", read_later_map},
      {"triggers", read_later_list},
      {"volumes", read_later_list},
      {"build_secrets", read_later_map},
      {"requires", read_later_any},
      {"provides", read_later_any}};
  return table;
}

const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> result;
    for (const auto& [key, reader] : readers())
      result.push_back(key);
    return result;
  }();
  return keys;
}

void check_build_keys(const YamlEntry& entry, StackFunction& function) {
  if (to_lower(function.lang) == "dockerfile") function.lang = "dockerfile";
  if (function.lang.empty() && function.image.empty())
    throw Error(
        ErrorKind::invalid,
        fmt::format("{}: function \"{}\" has neither `lang` nor `image`", entry.where, entry.key),
        "add lang and handler to build it, or image to run one that exists");
  // OpenFaaS's own samples have `lang: dockerfile` and an image without a handler; they are
  // deployed, never built.
  const bool ready_made = function.lang == "dockerfile" && !function.image.empty();
  if (!function.lang.empty() && function.handler.empty() && !function.skip_build && !ready_made)
    throw Error(ErrorKind::invalid,
                fmt::format("{}: function \"{}\" has no `handler`", entry.where, entry.key),
                "add handler: ./" + entry.key + ", or skip_build: true for an image that exists");
}

} // namespace

void warn_unknown_keys(const YamlValue& map,
                       std::string_view name,
                       const std::vector<std::string>& known,
                       std::vector<std::string>& warnings) {
  for (const auto& entry : map.entries(name))
    if (std::find(known.begin(), known.end(), entry.key) == known.end())
      warnings.push_back(fmt::format(
          "{}: unknown key \"{}\"{}", entry.where, entry.key, did_you_mean(entry.key, known)));
}

StackFunction parse_function(const YamlEntry& entry,
                             const fs::path& directory,
                             std::vector<std::string>& warnings) {
  with_context(entry.where, [&] { validate_name(entry.key, "function name"); });
  StackFunction function;
  function.name = entry.key;
  function.where = entry.where;
  Target target{function, directory, warnings, {}};
  const auto name = fmt::format("function \"{}\"", entry.key);
  warn_unknown_keys(entry.value, name, known_keys(), warnings);
  for (const auto& item : entry.value.entries(name)) {
    const auto reader = readers().find(item.key);
    if (reader != readers().end()) reader->second(item, target);
  }
  // The files win over what stands here, as upstream has it: std::map::merge keeps the entries that
  // are there.
  target.from_files.merge(function.environment);
  function.environment = std::move(target.from_files);
  check_build_keys(entry, function);
  if (function.image.empty()) function.image = function.name;
  return function;
}

} // namespace cubeflash::cli
