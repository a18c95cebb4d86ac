// SPDX-License-Identifier: Apache-2.0
#include "cli/build/source_tree.hpp"
#include "cli/build/template_file.hpp"
#include "cli/build/template_source.hpp"
#include "cli/build/template_store.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

bool is_repository_data(const std::string& path) {
  return path == ".git" || path.ends_with("/.git");
}

// Everything is looked at before anything is written: a template that cannot be used changes
// nothing.
std::map<std::string, Tree> read_templates(const fs::path& folder,
                                           const std::vector<std::string>& names) {
  std::map<std::string, Tree> found;
  std::vector<std::string> known;
  for (const auto& item : fs::directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    if (!fs::is_directory(fs::symlink_status(item.path())) ||
        !fs::exists(item.path() / "template.yml"))
      continue;
    known.push_back(name);
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    if (!is_template_name(name))
      throw Error(
          ErrorKind::invalid,
          fmt::format("\"{}\" is not a template's name: letters, digits, '.', '_' and '-' only",
                      name));
    Tree tree = read_tree(item.path(), [](const std::string& path, const fs::path&) {
      return !is_repository_data(path) && path != "meta.json";
    });
    load_template(item.path());
    found.emplace(name, std::move(tree));
  }
  for (const auto& name : names)
    if (!found.contains(name))
      throw Error(
          ErrorKind::not_found,
          fmt::format("there is no template \"{}\" in it{}", name, did_you_mean(name, known)));
  return found;
}

} // namespace

TemplateStore::Pulled TemplateStore::pull(const std::string& source,
                                          bool overwrite,
                                          const std::vector<std::string>& names) const {
  try {
    const TemporaryDirectory workspace(fs::temp_directory_path(), "cflash-pull-");
    const auto fetched = fetch_templates(source, workspace.path());
    const auto trees = with_context(fetched.origin.repository,
                                    [&] { return read_templates(fetched.folder, names); });
    const fs::path target = project_ / "template";
    fs::create_directories(target);
    if (fs::equivalent(target, fetched.folder))
      throw Error(ErrorKind::invalid, fmt::format("{} is where pulled templates go", source));
    Pulled pulled;
    // Beside the target, so that it can be renamed into place.
    const TemporaryDirectory staging(target, ".pull-");
    for (const auto& [name, tree] : trees) {
      if (!overwrite && fs::exists(target / name)) {
        pulled.skipped.push_back(name);
        continue;
      }
      const fs::path fresh = staging.path() / name;
      write_tree(tree, fresh);
      write_origin(fetched.origin, fresh);
      replace_directory(fresh, target / name);
      pulled.added.push_back(name);
    }
    return pulled;
  } catch (const fs::filesystem_error& error) {
    throw SystemError(error.code().value(), "pulling {}: {}", source, error.path1().string());
  }
}

} // namespace cubeflash::cli
