// SPDX-License-Identifier: Apache-2.0
#include "cli/image_tag.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::cli;

namespace {

struct Project {
  TemporaryDirectory directory{std::filesystem::temp_directory_path()};
  StackFunction function;

  Project() {
    function.name = "hello";
    function.handler = "./hello";
    function.image = "registry:5000/hello";
    std::filesystem::create_directory(directory.path() / "hello");
    write_file_atomic(directory.path() / "hello/handler.sh", "echo hi\n");
  }

  std::string git(std::vector<std::string> args) const {
    args.insert(args.begin(),
                {"-C", directory.path(), "-c", "user.name=t", "-c", "user.email=t@example.com"});
    const auto result = run({.program = "git", .args = std::move(args)});
    REQUIRE_MESSAGE(result.status.ok(), result.err);
    return std::string(trim(result.out));
  }

  std::string tagged(std::string_view format) const {
    return tagged_image(function, format, directory.path());
  }
};

} // namespace

TEST_CASE("tagged_image: latest is the name as written") {
  const Project project;
  CHECK(project.tagged("latest") == "registry:5000/hello");
  CHECK(project.tagged("") == "registry:5000/hello");
}

TEST_CASE("tagged_image: digest follows the handler's content and its executable bits") {
  const Project project;
  const auto first = project.tagged("digest");
  CHECK(first.rfind("registry:5000/hello:", 0) == 0);
  CHECK(project.tagged("digest") == first);
  const auto handler = project.directory.path() / "hello/handler.sh";
  std::filesystem::permissions(handler, std::filesystem::perms::owner_all);
  const auto second = project.tagged("digest");
  CHECK(second != first);
  write_file_atomic(handler, "echo ho\n");
  CHECK(project.tagged("digest") != second);
}

TEST_CASE(
    "tagged_image: sha, branch and describe come from git, and a branch's slash becomes a dash") {
  if (!find_program("git")) return skip_test("git is not installed");
  Project project;
  project.function.image = "hello:1";
  project.git({"init", "--quiet", "--initial-branch", "feature/x"});
  project.git({"add", "."});
  project.git({"commit", "--quiet", "-m", "first"});
  const auto sha = project.git({"rev-parse", "--short", "HEAD"});
  CHECK(project.tagged("sha") == "hello:1-" + sha);
  CHECK(project.tagged("branch") == "hello:1-feature-x-" + sha);
  project.git({"tag", "v2"});
  CHECK(project.tagged("describe") == "hello:1-v2");
}

TEST_CASE("tagged_image: outside a checkout, and for an unknown format, it says what to do") {
  const Project project;
  if (find_program("git")) {
    const auto error = error_of([&] { project.tagged("sha"); });
    CHECK(error.kind == ErrorKind::failed);
    CHECK(error.says("--tag=sha"));
  }
  CHECK(error_of([&] { project.tagged("shaa"); }).kind == ErrorKind::usage);
}
