// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_context.hpp"

#include "common/base/error.hpp"

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

bool is_repository_data(const fs::path& source) {
  return source.filename() == ".git";
}

Tree template_tree(const Template& language) {
  // meta.json says when the template was pulled, which must not change what is built.
  return read_tree(language.directory, [](const std::string& path, const fs::path& source) {
    return path != "meta.json" && !is_repository_data(source);
  });
}

fs::path handler_folder(const BuildRequest& request) {
  const StackFunction& function = *request.function;
  const std::string where = function.where.empty() ? "" : function.where + ": ";
  const auto fail = [&](ErrorKind kind, const std::string& what) {
    throw Error(kind,
                fmt::format("{}function \"{}\": {}", where, function.name, what),
                "`handler:` names the folder with the function's code, relative to the stack file");
  };
  if (function.handler.empty()) fail(ErrorKind::invalid, "there is no handler folder");
  const fs::path folder = (request.project / function.handler).lexically_normal();
  std::error_code failure;
  const auto status = fs::status(folder, failure);
  if (status.type() == fs::file_type::not_found)
    fail(ErrorKind::not_found,
         fmt::format("the handler folder {} does not exist", function.handler));
  if (failure)
    throw SystemError(
        failure.value(), "{}function \"{}\": {}", where, function.name, folder.string());
  if (!fs::is_directory(status))
    fail(ErrorKind::invalid, fmt::format("the handler {} is not a folder", function.handler));
  return folder;
}

Tree handler_tree(const fs::path& folder, const fs::path& build_folder) {
  // npm installs what package.json names; a checkout's own node_modules belongs to another machine.
  const bool installs_modules = fs::exists(folder / "package.json");
  return read_tree(folder, [&](const std::string& path, const fs::path& source) {
    if (path == "build" || path == "template" || is_repository_data(source)) return false;
    if (path == "node_modules" && installs_modules) return false;
    // A handler folder above the project must not swallow the contexts of earlier builds.
    return source.filename() != "build" || source.lexically_normal() != build_folder;
  });
}

// One `copy:` path: put at its relative path, though what it resolves to is what counts for being
// inside.
void add_copy(Tree& handler, const fs::path& project, const std::string& copy) {
  const auto refuse = [&](std::string_view why) {
    throw Error(ErrorKind::invalid,
                fmt::format("copy: {} {}", copy, why),
                "a path under copy: must be inside the project's folder");
  };
  const fs::path root = fs::canonical(project);
  const fs::path absolute = (fs::absolute(project) / copy).lexically_normal();
  std::error_code failure;
  const fs::path resolved = fs::canonical(absolute, failure);
  if (failure) throw SystemError(failure.value(), "copy: {}", copy);
  if (resolved == root) refuse("is the project itself");
  if (!is_within(resolved, root)) refuse("leads out of the project");
  std::string place =
      absolute.lexically_relative(fs::absolute(project).lexically_normal()).string();
  while (place.ends_with('/'))
    place.pop_back();
  if (!is_inner_path(place) || place == ".") refuse("leads out of the project");
  if (is_within(resolved, root / "build")) refuse("is in ./build, where contexts are written");
  Tree tree;
  if (fs::is_directory(resolved)) {
    tree = read_tree(resolved, [&](const std::string&, const fs::path& source) {
      return !is_repository_data(source);
    });
    overlay(handler, place, tree);
    return;
  }
  const fs::path name = resolved.filename();
  tree = read_tree(resolved.parent_path(),
                   [&](const std::string& path, const fs::path&) { return path == name; });
  Tree renamed;
  if (const auto found = tree.find(name.string()); found != tree.end())
    renamed.emplace(fs::path(place).filename().string(), found->second);
  overlay(handler, fs::path(place).parent_path().string(), renamed);
}

} // namespace

Tree plan_context(const BuildRequest& request) {
  const Template& language = request.language;
  const fs::path folder = handler_folder(request);
  Tree tree = with_context(fmt::format("template \"{}\"", language.name),
                           [&] { return template_tree(language); });
  return with_context(fmt::format("function \"{}\"", request.function->name), [&] {
    const fs::path build_folder = (request.project / "build").lexically_normal();
    Tree handler = handler_tree(folder, build_folder);
    for (const auto& copy : request.copy)
      add_copy(handler, request.project, copy);
    // lang dockerfile: the handler is the context's root.
    overlay(tree, language.name == "dockerfile" ? "" : language.handler_folder, handler);
    return std::move(tree);
  });
}

bool holds(const Tree& context, std::string_view when) {
  if (when.empty()) return true;
  std::string path = fs::path(when).lexically_normal().string();
  while (path.ends_with('/'))
    path.pop_back();
  const auto found = context.find(path);
  if (found == context.end()) return false;
  if (found->second.type != TreeEntry::Type::directory)
    return found->second.type == TreeEntry::Type::link || found->second.size > 0;
  const auto child = context.lower_bound(path + "/");
  return child != context.end() && child->first.starts_with(path + "/");
}

bool holds(const fs::path& context, std::string_view when) {
  if (when.empty()) return true;
  std::error_code failure;
  return fs::exists(context / when, failure) && !fs::is_empty(context / when, failure) && !failure;
}

} // namespace cubeflash::cli
