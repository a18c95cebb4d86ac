// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_context.hpp"
#include "tests/build/build_project.hpp"

#include <sys/stat.h>
#include <unistd.h>

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

namespace {

std::vector<std::string> paths_of(const Tree& tree) {
  std::vector<std::string> paths;
  for (const auto& [path, entry] : tree)
    if (entry.type != TreeEntry::Type::directory) paths.push_back(path);
  return paths;
}

} // namespace

TEST_CASE("build context: the handler lies over the template's handler folder") {
  BuildProject project;
  put_file(project.handler() / "handler.sh", "the user's\n");
  put_file(project.language() / "meta.json", "{}");
  const auto tree = plan_context(project.request());
  CHECK(paths_of(tree) ==
        std::vector<std::string>{
            "function/handler.sh", "function/message", "index.sh", "template.yml"});
  CHECK(tree.at("function/handler.sh").source == project.project() / "hello/handler.sh");
}

TEST_CASE("build context: build, template, repository data and installed modules stay out") {
  BuildProject project;
  for (const char* path : {"build/a",
                           "template/b",
                           ".git/HEAD",
                           "sub/.git/HEAD",
                           "sub/build/kept",
                           "node_modules/m/x"})
    put_file(project.handler() / path, "");
  const auto has = [&](const std::string& path) {
    return plan_context(project.request()).contains("function/" + path);
  };
  CHECK_FALSE(has("build"));
  CHECK_FALSE(has("template"));
  CHECK_FALSE(has(".git"));
  CHECK_FALSE(has("sub/.git"));
  CHECK(has("sub/build/kept"));
  CHECK(has("node_modules/m/x"));
  put_file(project.handler() / "package.json", "{}");
  CHECK_FALSE(has("node_modules"));
}

TEST_CASE("build context: the project itself may be the handler, and a folder above it too") {
  BuildProject project;
  project.build();
  project.function.handler = ".";
  CHECK_FALSE(plan_context(project.request()).contains("function/build"));
  project.function.handler = "..";
  const auto tree = plan_context(project.request());
  CHECK(tree.contains("function/project/hello/message"));
  CHECK_FALSE(tree.contains("function/project/build"));
}

TEST_CASE("build context: a missing handler folder is named with its place in the stack file") {
  BuildProject project;
  project.function.handler = "./helo";
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(std::string(error.what()) ==
        "stack.yml:4:3: function \"hello\": the handler folder ./helo does not exist");
  CHECK_FALSE(error.hint().empty());
  project.function.handler = "hello/message";
  CHECK(error_of([&] { project.build(); }).kind() == ErrorKind::invalid);
  project.function.handler = "";
  CHECK(error_of([&] { project.build(); }).kind() == ErrorKind::invalid);
}

TEST_CASE("build context: copied paths keep their relative place under the handler folder") {
  BuildProject project;
  put_file(project.project() / "common/lib/a.sh", "a");
  put_file(project.project() / "one/file.txt", "f");
  fs::create_symlink("common", project.project() / "alias");
  auto request = project.request();
  request.copy = {"./common/", "one/file.txt", "alias"};
  const auto tree = plan_context(request);
  CHECK(tree.contains("function/common/lib/a.sh"));
  CHECK(tree.contains("function/one/file.txt"));
  CHECK(tree.contains("function/alias/lib/a.sh"));
}

TEST_CASE(
    "build context: a copied path must be inside the project, by components, links resolved") {
  BuildProject project;
  put_file(project.root() / "project-x/secret", "");
  fs::create_symlink("../project-x", project.project() / "innocent");
  fs::create_symlink(".", project.project() / "self");
  put_file(project.project() / "build/x", "");
  for (const std::string copy :
       {"../project-x", "innocent", ".", "self", "./hello/..", "/etc", "..", "build", "build/x"}) {
    CAPTURE(copy);
    auto request = project.request();
    request.copy = {copy};
    const auto error = error_of([&] { plan_context(request); });
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(mentions(error.what(), copy));
  }
  auto request = project.request();
  request.copy = {"absent"};
  CHECK(error_of([&] { plan_context(request); }).kind() == ErrorKind::not_found);
}

TEST_CASE("build context: links that lead out, and fifos, are refused by name") {
  BuildProject project;
  fs::create_symlink("../../etc/passwd", project.handler() / "shortcut");
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "function \"hello\""));
  CHECK(mentions(error.what(), "shortcut"));
  fs::remove(project.handler() / "shortcut");
  REQUIRE(::mkfifo((project.handler() / "pipe").c_str(), 0600) == 0);
  CHECK(mentions(error_of([&] { project.build(); }).what(), "pipe"));
}

TEST_CASE("build context: a file one may not read is named, and is a matter of permission") {
  BuildProject project;
  put_file(project.handler() / "private", "");
  fs::permissions(project.handler() / "private", fs::perms::none);
  constexpr uid_t kNobody = 65534;
  const bool root = ::geteuid() == 0;
  if (root) {
    REQUIRE(::chown(project.root().c_str(), kNobody, kNobody) == 0);
    for (const auto& item : fs::recursive_directory_iterator(project.root()))
      REQUIRE(::chown(item.path().c_str(), kNobody, kNobody) == 0);
    REQUIRE(::seteuid(kNobody) == 0);
  }
  std::optional<Error> error;
  try {
    project.build();
  } catch (const Error& caught) {
    error = caught;
  }
  if (root) REQUIRE(::seteuid(0) == 0);
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::denied);
  CHECK(mentions(error->what(), "hello/private"));
}

TEST_CASE("build context: whether something is there and not empty") {
  BuildProject project;
  put_file(project.handler() / "empty", "");
  fs::create_directories(project.handler() / "nothing");
  put_file(project.handler() / "some/thing", "");
  const auto tree = plan_context(project.request());
  write_tree(tree, project.root() / "context");

  struct Row {
    std::string path;
    bool holds;
  };

  for (const auto& row : {Row{"", true},
                          Row{"function/message", true},
                          Row{"./function//message", true},
                          Row{"function/empty", false},
                          Row{"function/nothing", false},
                          Row{"function/some", true},
                          Row{"function/absent", false}}) {
    CAPTURE(row.path);
    CHECK(holds(tree, row.path) == row.holds);
    CHECK(holds(project.root() / "context", row.path) == row.holds);
  }
}
