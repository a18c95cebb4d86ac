// SPDX-License-Identifier: Apache-2.0
#include "cli/build/template_store.hpp"

#include "cli/build/template_file.hpp"
#include "cli/build/template_source.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

// Names of the templates in a folder of templates, sorted; empty when there is no such folder.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (auto item = fs::directory_iterator(folder, failure);
       !failure && item != fs::directory_iterator();
       item.increment(failure)) {
    const std::string name = item->path().filename().string();
    std::error_code ignored;
    if (is_template_name(name) && fs::is_regular_file(item->path() / "template.yml", ignored))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path find_shipped() {
  if (const auto given = environment_variable("CFLASH_TEMPLATES")) return *given;
  const fs::path here = executable_directory();
  for (const char* place : {"../share/cubeflash/templates", "../templates"})
    if (fs::path folder = (here / place).lexically_normal(); !names_in(folder).empty())
      return folder;
  return {};
}

Template load(const fs::path& folder, const std::string& name, const std::string& origin) {
  Template result = load_template(folder / name);
  result.origin = origin;
  return result;
}

// One broken file must not hide the others from a list.
Template
load_or_say_why(const fs::path& folder, const std::string& name, const std::string& origin) {
  try {
    return load(folder, name, origin);
  } catch (const Error& error) {
    Template broken;
    broken.name = name;
    broken.directory = folder / name;
    broken.origin = origin;
    broken.description = fmt::format("broken: {}", error.what());
    return broken;
  }
}

constexpr const char* kPulled = "./template";
constexpr const char* kShipped = "built in";

} // namespace

TemplateStore::TemplateStore(fs::path project)
    : project_(std::move(project)), shipped_(find_shipped()) {}

std::vector<Template> TemplateStore::list() const {
  std::vector<Template> result;
  const auto pulled = names_in(project_ / "template");
  for (const auto& name : pulled)
    result.push_back(load_or_say_why(project_ / "template", name, kPulled));
  for (const auto& name : names_in(shipped_))
    if (std::find(pulled.begin(), pulled.end(), name) == pulled.end())
      result.push_back(load_or_say_why(shipped_, name, kShipped));
  std::sort(
      result.begin(), result.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return result;
}

Template TemplateStore::find(std::string_view text) const {
  const auto at = text.find('@');
  std::string name(text.substr(0, at));
  const std::string reference(at == std::string_view::npos ? "" : text.substr(at + 1));
  if (name == "Dockerfile") name = "dockerfile";
  if (!is_template_name(name))
    throw Error(
        ErrorKind::invalid,
        fmt::format("\"{}\" is not a template's name: letters, digits, '.', '_' and '-' only",
                    text));
  const fs::path pulled = project_ / "template";
  std::error_code ignored;
  if (fs::exists(pulled / name / "template.yml", ignored)) {
    if (!reference.empty() && !was_pulled_as(pulled / name, reference))
      throw Error(
          ErrorKind::not_found,
          fmt::format("template \"{}\" in ./template was not pulled at {}", name, reference),
          fmt::format("cflash template pull URL#{}", reference));
    return load(pulled, name, kPulled);
  }
  if (!reference.empty())
    throw Error(
        ErrorKind::not_found,
        fmt::format(
            "template \"{}\" is not in ./template, and only pulled templates have a reference",
            text),
        fmt::format("cflash template pull URL#{}", reference));
  if (!shipped_.empty() && fs::exists(shipped_ / name / "template.yml", ignored))
    return load(shipped_, name, kShipped);
  std::vector<std::string> known;
  std::vector<std::string> native;
  for (const auto& candidate : list()) {
    known.push_back(candidate.name);
    if (candidate.has_native) native.push_back(candidate.name);
  }
  if (name == "dockerfile")
    throw Error(ErrorKind::unsupported,
                "lang dockerfile is built with Docker, which is not supported yet",
                fmt::format("choose a template with a native build: {}", fmt::join(native, ", ")));
  throw Error(ErrorKind::not_found,
              fmt::format("there is no template \"{}\"{}", name, did_you_mean(name, known)),
              known.empty() ? "cflash template pull URL brings templates"
                            : fmt::format("there are: {}; cflash template pull URL brings more",
                                          fmt::join(known, ", ")));
}

} // namespace cubeflash::cli
