// SPDX-License-Identifier: Apache-2.0
// A project on disk with one template and one function, and what its build needs around it.
#pragma once

#include "cli/build/native_builder.hpp"
#include "cli/build/template_file.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/image/archive.hpp"
#include "common/image/oci_layout.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::cli::test {

namespace fs = std::filesystem;

// Sets an environment variable (or, with nullopt, unsets it) until the end of the scope.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::optional<std::string>& value)
      : name_(std::move(name)), before_(environment_variable(name_.c_str())) {
    set(value);
  }

  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

  ~ScopedVariable() { set(before_); }

 private:
  void set(const std::optional<std::string>& value) {
    if (value)
      ::setenv(name_.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name_.c_str());
  }

  std::string name_;
  std::optional<std::string> before_;
};

inline void put_file(const fs::path& path, const std::string& content, bool executable = false) {
  fs::create_directories(path.parent_path());
  write_file_atomic(path, content, executable ? 0755 : 0644);
}

// Prints why, and fails where skips are not allowed.
inline void skip(const std::string& reason) {
  MESSAGE("SKIPPED: ", reason);
  CHECK_FALSE(environment_variable("CFLASH_NO_SKIP").has_value());
}

inline constexpr const char* kTemplate = R"(language: plain
fprocess: sh index.sh
build_options:
  - {name: dev, packages: [coreutils]}
native:
  requires:
    - {command: sh, package: dash}
  build:
    - {run: [sh, -c, "cat function/message > built"]}
  output: [index.sh, function, built]
)";

class BuildProject {
 public:
  BuildProject() : directory_(fs::temp_directory_path(), "cflash-test-") {
    put_file(watchdog(), "not really a watchdog", true);
    put_template(kTemplate);
    put_file(language() / "index.sh", "cat built\n", true);
    put_file(language() / "function/handler.sh", "the template's\n");
    put_file(handler() / "message", "hello\n");
    function.name = "hello";
    function.where = "stack.yml:4:3";
    function.lang = "plain";
    function.handler = "./hello";
    function.image = "hello:1.0";
  }

  fs::path root() const { return directory_.path(); }

  fs::path project() const { return root() / "project"; }

  fs::path language() const { return root() / "templates/plain"; }

  fs::path handler() const { return project() / "hello"; }

  fs::path context() const { return project() / "build/hello"; }

  fs::path watchdog() const { return root() / "bin/cflash-watchdog"; }

  void put_template(const std::string& text) const { put_file(language() / "template.yml", text); }

  // A template with this one step.
  void put_step(const std::string& script) const {
    put_template("language: plain\nnative:\n  build:\n    - run:\n      - sh\n      - -c\n      - "
                 "|\n        " +
                 script + "\n");
  }

  BuildRequest request() const {
    BuildRequest request;
    request.function = &function;
    request.language = load_template(language());
    request.project = project();
    return request;
  }

  BuildResult build() { return build(request()); }

  BuildResult build(const BuildRequest& request) {
    return build_native(request, [this](const std::string& line) { progress.push_back(line); });
  }

  // What the image holds, unpacked.
  fs::path unpack(const BuildResult& result) const {
    const OciLayout layout = OciLayout::open(result.layout);
    const auto manifest =
        parse_manifest(read_file(layout.blob_path(layout.manifest_descriptor().digest)));
    const fs::path into = root() / "unpacked";
    fs::remove_all(into);
    fs::create_directories(into);
    extract_archive(layout.blob_path(manifest.layers.at(0).digest), into);
    return into;
  }

  StackFunction function;
  std::vector<std::string> progress;

 private:
  TemporaryDirectory directory_;
  ScopedVariable watchdog_{"CFLASH_WATCHDOG", watchdog().string()};
  ScopedVariable cache_{"XDG_CACHE_HOME", (root() / "cache").string()};
};

// The Error that `action` must throw.
template <typename Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {ErrorKind::failed, ""};
}

inline bool mentions(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace cubeflash::cli::test
