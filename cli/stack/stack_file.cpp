// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/stack_file.hpp"

#include "cli/stack/function_parser.hpp"
#include "cli/stack/yaml_value.hpp"
#include "common/base/text.hpp"

#include <algorithm>

namespace cubeflash::cli {

namespace {

constexpr const char* kProviderHint = "add these two lines:\nprovider:\n  name: openfaas";

void read_version(const YamlValue& value) {
  const auto& text = value.text("version");
  if (text != "1.0" && text != "1" && !text.empty())
    value.fail(fmt::format("version: \"{}\" is not supported", text), "write version: 1.0");
}

void read_provider(const YamlValue& value, StackFile& stack) {
  // `network` was a key of old versions; it means nothing any more.
  warn_unknown_keys(value, "provider", {"name", "gateway", "network"}, stack.warnings);
  bool named = false;
  for (const auto& [key, item, where] : value.entries("provider")) {
    if (key == "gateway") stack.gateway = item.text("provider.gateway");
    if (key != "name") continue;
    const auto& name = item.text("provider.name");
    named = true;
    if (name == "faas")
      stack.warnings.push_back(
          fmt::format("{}: provider \"faas\" is an old name; write \"openfaas\"", item.where()));
    else if (name != "openfaas" && name != "cubeflash")
      item.fail(fmt::format("provider.name: \"{}\" is not supported", name),
                "write name: openfaas (or cubeflash)");
  }
  if (!named) value.fail("provider.name is missing", kProviderHint);
}

TemplateSource read_template(const YamlValue& value, std::vector<std::string>& warnings) {
  constexpr const char* kName = "configuration.templates";
  TemplateSource source;
  warn_unknown_keys(value, kName, {"name", "source"}, warnings);
  for (const auto& [key, item, where] : value.entries(kName)) {
    if (key == "name") source.name = item.text("name");
    if (key == "source") source.source = item.text("source");
  }
  if (source.name.empty()) value.fail("configuration.templates: an entry has no `name`");
  return source;
}

void read_configuration(const YamlValue& value, StackFile& stack) {
  warn_unknown_keys(value, "configuration", {"templates", "copy"}, stack.warnings);
  for (const auto& [key, item, where] : value.entries("configuration")) {
    if (key == "copy") stack.copy = item.texts("configuration.copy");
    if (key != "templates") continue;
    for (const auto& entry : item.items("configuration.templates"))
      stack.templates.push_back(read_template(entry, stack.warnings));
  }
}

// Unknown keys of the top level are others' (x-...: anchors, tools), unless they look like a slip.
void warn_near_miss(const YamlEntry& entry, StackFile& stack) {
  if (entry.key.starts_with("x-")) return;
  const auto meant = nearest(entry.key, {"version", "provider", "configuration", "functions"});
  if (meant)
    stack.warnings.push_back(fmt::format(
        "{}: unknown key \"{}\"; did you mean \"{}\"?", entry.where, entry.key, *meant));
}

} // namespace

FunctionSpec StackFunction::to_spec(const std::string& space_flag) const {
  FunctionSpec spec;
  spec.name.name = name;
  if (!space_flag.empty())
    spec.name.space = space_flag;
  else if (!space.empty())
    spec.name.space = space;
  spec.image = image;
  spec.env_process = fprocess;
  spec.environment = environment;
  spec.constraints = constraints;
  spec.secrets = secrets;
  spec.labels = labels;
  spec.annotations = annotations;
  spec.limits = limits;
  spec.requests = requests;
  spec.read_only_root = read_only_root;
  spec.mode = mode;
  spec.timeout = timeout;
  spec.concurrency = concurrency;
  return spec;
}

const StackFunction* StackFile::find(std::string_view name) const {
  const auto found = std::find_if(functions.begin(), functions.end(), [&](const auto& function) {
    return function.name == name;
  });
  return found == functions.end() ? nullptr : &*found;
}

StackFile parse_stack(std::string_view text,
                      const std::string& path,
                      const std::filesystem::path& directory) {
  StackFile stack;
  stack.path = path;
  stack.directory = directory;
  const YamlValue root = read_yaml(text, path);
  bool has_provider = false;
  for (const auto& entry : root.entries("stack file")) {
    if (entry.key == "version") {
      read_version(entry.value);
    } else if (entry.key == "provider") {
      has_provider = true;
      read_provider(entry.value, stack);
    } else if (entry.key == "configuration") {
      read_configuration(entry.value, stack);
    } else if (entry.key == "functions") {
      for (const auto& item : entry.value.entries("functions"))
        stack.functions.push_back(parse_function(item, directory, stack.warnings));
    } else {
      warn_near_miss(entry, stack);
    }
  }
  const auto suspect = [&] { // a misspelt section is the likeliest reason that one is missing
    return stack.warnings.empty() ? std::string() : stack.warnings.front();
  };
  if (!has_provider)
    throw Error(ErrorKind::invalid,
                fmt::format("{}: `provider` is missing", path),
                suspect().empty() ? kProviderHint : suspect());
  if (stack.functions.empty())
    throw Error(ErrorKind::invalid,
                fmt::format("{}: there are no functions in the file", path),
                suspect().empty() ? "add an entry below `functions:`, or run `cflash new`"
                                  : suspect());
  return stack;
}

} // namespace cubeflash::cli
