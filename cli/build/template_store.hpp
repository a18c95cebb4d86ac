// SPDX-License-Identifier: Apache-2.0
// Language templates: where they are found, how they get here. Search order: ./template/<name>
// (pulled, or a user's own), then the templates that ship with cflash. It refuses to know how a
// function is built.
#pragma once

#include "cli/stack/stack_file.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::cli {

// A program that the native builder's steps or the function itself need, and the Debian package
// that brings it.
struct Requirement {
  std::string command;
  std::string package;
  std::string when; // path in the build context; the requirement holds when it exists and is not
                    // empty. Empty: always
};

struct BuildStep {
  std::vector<std::string> run; // argv; "${NAME}" of a build arg is replaced inside an element
  std::string when;             // as above
};

// template.yml: the upstream keys, and `native:` of ours, which docker builds ignore.
struct Template {
  std::string name;
  std::filesystem::path directory;
  std::string language;
  std::string description; // ours: one line for `template list`
  std::string fprocess;
  std::string handler_folder = "function";
  std::string welcome_message;
  std::map<std::string, std::vector<std::string>> build_options; // name -> packages
  std::string origin; // "built in", "./template", for `template list`

  bool has_native = false; // false: docker only
  std::vector<Requirement> requirements;
  std::vector<BuildStep> steps;
  std::vector<std::string>
      output; // paths (globs with *) of the context that go into the image; empty: all of it
};

class TemplateStore {
 public:
  // `project` holds ./template; the shipped ones are $CFLASH_TEMPLATES, else beside the executable
  // (../templates of a source tree's build, ../share/cubeflash/templates of an installation).
  explicit TemplateStore(std::filesystem::path project);

  std::vector<Template> list() const;

  // "name", "name@ref" (the ref is for pulled ones); "Dockerfile" means "dockerfile". Throws
  // Error(not_found) with a did-you-mean, Error(invalid) with template.yml:line:column.
  Template find(std::string_view name) const;

  struct Pulled {
    std::vector<std::string> added;
    std::vector<std::string> skipped; // were there, and overwrite was off
  };

  // Copies every template/<name> of a git URL (#ref allowed), a local folder or an archive (tar,
  // zip) into ./template. Names limits it to some of them. Throws Error for what cannot be reached
  // or holds no template; an archive with unsafe entries changes nothing.
  Pulled
  pull(const std::string& source, bool overwrite, const std::vector<std::string>& names = {}) const;

 private:
  std::filesystem::path project_;
  std::filesystem::path shipped_;
};

} // namespace cubeflash::cli
