// SPDX-License-Identifier: Apache-2.0
#include "cli/build/template_file.hpp"

#include "cli/build/source_tree.hpp"
#include "cli/stack/yaml_limits.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

class TemplateParser {
 public:
  explicit TemplateParser(const std::string& path) : path_(path) {}

  Template parse(const YAML::Node& root) const {
    Template result;
    if (!root.IsMap()) fail(root, "a template is a map of keys");
    result.language = text(root["language"], "language");
    result.description = text(root["description"], "description");
    result.fprocess = text(root["fprocess"], "fprocess");
    result.welcome_message = text(root["welcome_message"], "welcome_message");
    if (const auto node = root["handler_folder"]; is_set(node))
      result.handler_folder = inner_path(node, "handler_folder");
    if (const auto node = root["build_options"]; is_set(node)) options(node, result);
    if (const auto node = root["native"]; is_set(node)) native(node, result);
    return result;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    fail(node.Mark(), what);
  }

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    // An empty file has no place.
    const int line = mark.is_null() ? 1 : mark.line + 1;
    const int column = mark.is_null() ? 1 : mark.column + 1;
    throw Error(ErrorKind::invalid, fmt::format("{}:{}:{}: {}", path_, line, column, what));
  }

  static bool is_set(const YAML::Node& node) { return node.IsDefined() && !node.IsNull(); }

  std::string text(const YAML::Node& node, std::string_view key) const {
    if (!is_set(node)) return {};
    if (!node.IsScalar()) fail(node, fmt::format("{} must be a text", key));
    return node.Scalar();
  }

  std::string inner_path(const YAML::Node& node, std::string_view key) const {
    const std::string path = text(node, key);
    if (!path.empty() && !is_inner_path(path))
      fail(node, fmt::format("{} must be a relative path without \"..\", not \"{}\"", key, path));
    return path;
  }

  YAML::Node list(const YAML::Node& node, std::string_view key) const {
    if (is_set(node) && !node.IsSequence()) fail(node, fmt::format("{} must be a list", key));
    return node;
  }

  void check_keys(const YAML::Node& node,
                  std::string_view what,
                  const std::vector<std::string>& known) const {
    if (!node.IsMap())
      fail(node, fmt::format("{} must be a map with {}", what, fmt::join(known, ", ")));
    for (const auto& pair : node) {
      const std::string key = text(pair.first, "a key");
      if (std::find(known.begin(), known.end(), key) == known.end())
        fail(pair.first,
             fmt::format("unknown key \"{}\" in {}{}", key, what, did_you_mean(key, known)));
    }
  }

  void options(const YAML::Node& node, Template& result) const {
    for (const auto& option : list(node, "build_options")) {
      if (!option.IsMap() || !is_set(option["name"]))
        fail(option, "a build option is a map with name and packages");
      auto& packages = result.build_options[text(option["name"], "name")];
      if (!is_set(option["packages"])) continue;
      for (const auto& package : list(option["packages"], "packages"))
        packages.push_back(text(package, "a package"));
    }
  }

  void native(const YAML::Node& node, Template& result) const {
    check_keys(node, "native", {"requires", "build", "output"});
    result.has_native = true;
    if (is_set(node["requires"]))
      for (const auto& item : list(node["requires"], "requires"))
        result.requirements.push_back(requirement(item));
    if (is_set(node["build"]))
      for (const auto& item : list(node["build"], "build"))
        result.steps.push_back(step(item));
    if (is_set(node["output"]))
      for (const auto& item : list(node["output"], "output")) {
        result.output.push_back(inner_path(item, "output"));
        if (result.output.back().empty()) fail(item, "an output path is empty");
      }
  }

  Requirement requirement(const YAML::Node& node) const {
    check_keys(node, "requires", {"command", "package", "when"});
    Requirement result{text(node["command"], "command"),
                       text(node["package"], "package"),
                       inner_path(node["when"], "when")};
    if (result.command.empty()) fail(node, "a requirement needs a command");
    if (result.package.empty()) result.package = result.command;
    return result;
  }

  BuildStep step(const YAML::Node& node) const {
    check_keys(node, "build", {"run", "when"});
    const auto run = node["run"];
    if (!is_set(run) || !run.IsSequence() || run.size() == 0)
      fail(is_set(run) ? run : node, "run must be a list: the program and its arguments");
    BuildStep result;
    for (const auto& element : run)
      result.run.push_back(text(element, "an element of run"));
    if (result.run.front().empty()) fail(run, "the program of run is empty");
    result.when = inner_path(node["when"], "when");
    return result;
  }

  const std::string& path_;
};

} // namespace

Template parse_template(std::string_view text, const std::string& path) {
  check_yaml_text(text, path);
  try {
    return TemplateParser(path).parse(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    const bool known = !error.mark.is_null();
    throw Error(
        ErrorKind::invalid,
        known ? fmt::format(
                    "{}:{}:{}: {}", path, error.mark.line + 1, error.mark.column + 1, error.msg)
              : fmt::format("{}: {}", path, error.msg));
  }
}

Template load_template(const fs::path& directory) {
  const fs::path file = directory / "template.yml";
  Template result = parse_template(read_file(file, kMaxYamlBytes), file.string());
  result.name = directory.filename().string();
  result.directory = directory;
  return result;
}

} // namespace cubeflash::cli
