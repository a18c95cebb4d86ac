// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_inputs.hpp"
#include "tests/build/build_project.hpp"

#include <functional>

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

namespace {

struct Change {
  std::string name;
  std::function<void(BuildProject&, BuildRequest&)> make;
};

} // namespace

TEST_CASE("build inputs: the same function is not built twice") {
  BuildProject project;
  const auto first = project.build();
  CHECK_FALSE(first.unchanged);
  project.progress.clear();
  const auto second = project.build();
  CHECK(second.unchanged);
  CHECK(second.manifest_digest == first.manifest_digest);
  CHECK(second.layout == first.layout);
  CHECK(project.progress.empty());
}

TEST_CASE("build inputs: neither times nor a pull's meta.json count") {
  BuildProject project;
  project.build();
  fs::last_write_time(project.handler() / "message",
                      fs::file_time_type::clock::now() - std::chrono::hours(5));
  put_file(project.language() / "meta.json", "{\"written_at\": \"now\"}");
  CHECK(project.build().unchanged);
}

TEST_CASE("build inputs: whatever matters causes another build") {
  const std::vector<Change> changes{
      {"handler content", [](auto& p, auto&) { put_file(p.handler() / "message", "bye\n"); }},
      {"handler file added", [](auto& p, auto&) { put_file(p.handler() / "more", ""); }},
      {"handler executable bit",
       [](auto& p, auto&) {
         fs::permissions(p.handler() / "message", fs::perms::owner_exec, fs::perm_options::add);
       }},
      {"handler link",
       [](auto& p, auto&) { fs::create_symlink("message", p.handler() / "alias"); }},
      {"handler folder added",
       [](auto& p, auto&) { fs::create_directories(p.handler() / "empty"); }},
      {"template content",
       [](auto& p, auto&) { put_file(p.language() / "index.sh", "true\n", true); }},
      {"template steps",
       [](auto& p, auto& r) {
         p.put_template(std::string(kTemplate) + "# another\n");
         r.language = load_template(p.language());
       }},
      {"copied path",
       [](auto& p, auto& r) {
         put_file(p.project() / "common/x", "");
         r.copy = {"common"};
       }},
      {"build argument", [](auto&, auto& r) { r.build_args["A"] = "1"; }},
      {"build option", [](auto&, auto& r) { r.build_options = {"dev"}; }},
      {"function name's fprocess", [](auto& p, auto&) { p.function.fprocess = "cat"; }},
      {"image tag", [](auto& p, auto&) { p.function.image = "hello:2.0"; }},
      {"watchdog", [](auto& p, auto&) { put_file(p.watchdog(), "another", true); }},
      {"no cache", [](auto&, auto& r) { r.no_cache = true; }},
      {"damaged image",
       [](auto& p, auto&) { fs::remove_all(p.project() / "build/.images/hello/blobs"); }},
      {"no image", [](auto& p, auto&) { fs::remove_all(p.project() / "build/.images/hello"); }}};
  for (const auto& change : changes) {
    CAPTURE(change.name);
    BuildProject project;
    project.build();
    auto request = project.request();
    change.make(project, request);
    CHECK_FALSE(project.build(request).unchanged);
    request.no_cache = false;
    CHECK(project.build(request).unchanged);
  }
}

TEST_CASE("build inputs: a tool that was replaced causes another build") {
  BuildProject project;
  const auto request = project.request();
  auto inputs = BuildInputs::gather(request);
  put_file(project.root() / "tool", "1");
  inputs.tools = {project.root() / "tool"};
  const auto before = inputs.digest(request);
  CHECK(inputs.digest(request) == before);
  fs::last_write_time(project.root() / "tool",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  CHECK(inputs.digest(request) != before);
}

TEST_CASE("build inputs: values cannot run into each other") {
  BuildProject project;
  auto request = project.request();
  request.build_args = {{"A", "1"}, {"B", "2"}};
  const auto one = BuildInputs::gather(request).digest(request);
  request.build_args = {{"A", "1B2"}};
  CHECK(BuildInputs::gather(request).digest(request) != one);
}

TEST_CASE("build inputs: a build argument must be able to be a variable") {
  BuildProject project;
  for (const std::string name : {"", "1A", "A-B", "A=B", "A B"}) {
    CAPTURE(name);
    auto request = project.request();
    request.build_args[name] = "x";
    CHECK(error_of([&] { project.build(request); }).kind() == ErrorKind::invalid);
  }
}

TEST_CASE("build inputs: the request's build arguments win over the function's") {
  BuildProject project;
  project.function.build_args = {{"A", "function"}, {"B", "function"}};
  auto request = project.request();
  request.build_args = {{"A", "request"}};
  CHECK(BuildInputs::gather(request).build_args == StringMap{{"A", "request"}, {"B", "function"}});
}

TEST_CASE("build inputs: an image name that cannot be is refused") {
  BuildProject project;
  project.function.image = "Not An Image";
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "function \"hello\""));
}

TEST_CASE("build inputs: without a watchdog there is no image") {
  BuildProject project;
  fs::remove(project.watchdog());
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(mentions(error.what(), "cflash-watchdog"));
}
