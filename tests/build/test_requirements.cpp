// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_context.hpp"
#include "cli/build/requirements.hpp"
#include "tests/build/build_project.hpp"

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

TEST_CASE("requirements: all that is missing is named at once, with what to install, before "
          "anything is built") {
  BuildProject project;
  project.put_template(R"(language: plain
native:
  requires:
    - {command: no-such-tool, package: tool-a}
    - {command: sh, package: dash}
    - {command: neither-this, package: tool-b}
    - {command: not-needed, package: tool-c, when: function/absent.txt}
    - {command: nor-this, package: tool-d, when: function/empty.txt}
)");
  put_file(project.handler() / "empty.txt", "");
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(std::string(error.what()) ==
        "function \"hello\": no-such-tool, neither-this are needed to build it and were not found");
  CHECK(error.hint() == "apt install tool-a tool-b");
  CHECK_FALSE(fs::exists(project.context()));
}

TEST_CASE("requirements: one missing tool reads well") {
  BuildProject project;
  project.put_template("native:\n  requires:\n    - {command: no-such-tool, package: tool-a, when: "
                       "function/message}\n");
  CHECK(std::string(error_of([&] { project.build(); }).what()) ==
        "function \"hello\": no-such-tool is needed to build it and was not found");
}

TEST_CASE("requirements: found tools are real paths") {
  BuildProject project;
  const auto request = project.request();
  const auto found = find_requirements(request, plan_context(request));
  REQUIRE(found.size() == 1);
  CHECK(found[0] == fs::canonical("/bin/sh"));
}

TEST_CASE(
    "build options: packages of all options, each once; an unknown option names the nearest") {
  BuildProject project;
  project.put_template("build_options: [{name: dev, packages: [gcc, make]}, {name: ssl, packages: "
                       "[make, libssl-dev]}]\nnative: {}\n");
  project.function.build_options = {"dev"};
  auto request = project.request();
  request.build_options = {"ssl", "dev"};
  CHECK(option_packages(request) == std::vector<std::string>{"gcc", "make", "libssl-dev"});
  request.build_options = {"sssl"};
  const auto error = error_of([&] { option_packages(request); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "no build option \"sssl\"; did you mean \"ssl\"?"));
  CHECK(error.hint() == "it has: dev, ssl");
}

TEST_CASE("build options: what would be an option of dpkg-query is no package") {
  BuildProject project;
  project.put_template("build_options: [{name: dev, packages: [\"--admindir=/x\"]}]\nnative: {}\n");
  project.function.build_options = {"dev"};
  CHECK(error_of([&] { project.build(); }).kind() == ErrorKind::invalid);
}

TEST_CASE("build options: packages that are not installed are named in one line") {
  if (!find_program("dpkg-query")) return skip("there is no dpkg-query");
  BuildProject project;
  const auto request = project.request();
  check_packages(request, {"dpkg"});
  const auto error = error_of([&] {
    check_packages(request, {"dpkg", "no-such-package", "nor-this-one"});
  });
  CHECK(error.kind() == ErrorKind::not_found);
  CHECK(mentions(error.what(), "not installed: no-such-package nor-this-one"));
  CHECK(error.hint() == "apt install no-such-package nor-this-one");
}
