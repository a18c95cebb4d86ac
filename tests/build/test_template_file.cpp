// SPDX-License-Identifier: Apache-2.0
#include "cli/build/template_file.hpp"
#include "tests/build/build_project.hpp"

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

TEST_CASE("template file: every key of ours and of upstream is read") {
  const auto parsed = parse_template(R"(language: python3
description: Python
fprocess: python3 index.py
handler_folder: code
mount_ssh: true
build_options:
  - name: dev
    packages: [gcc, libc6-dev]
welcome_message: |
  hello
native:
  requires:
    - {command: python3}
    - {command: pip3, package: python3-pip, when: code/requirements.txt}
  build:
    - {run: [pip3, install], when: code/requirements.txt}
  output: [index.py, "*.so"]
)",
                                     "template.yml");
  CHECK(parsed.language == "python3");
  CHECK(parsed.description == "Python");
  CHECK(parsed.fprocess == "python3 index.py");
  CHECK(parsed.handler_folder == "code");
  CHECK(parsed.welcome_message == "hello\n");
  CHECK(parsed.build_options.at("dev") == std::vector<std::string>{"gcc", "libc6-dev"});
  REQUIRE(parsed.has_native);
  REQUIRE(parsed.requirements.size() == 2);
  CHECK(parsed.requirements[0].package == "python3");
  CHECK(parsed.requirements[1].when == "code/requirements.txt");
  REQUIRE(parsed.steps.size() == 1);
  CHECK(parsed.steps[0].run == std::vector<std::string>{"pip3", "install"});
  CHECK(parsed.output == std::vector<std::string>{"index.py", "*.so"});
}

TEST_CASE(
    "template file: an upstream template has no native build and the default handler folder") {
  const auto parsed = parse_template("language: node18\nfprocess: node index.js\n", "template.yml");
  CHECK_FALSE(parsed.has_native);
  CHECK(parsed.handler_folder == "function");
}

TEST_CASE("template file: a mistake is named with its line and column") {
  struct Row {
    std::string name;
    std::string text;
    std::string message;
  };

  const Row rows[] = {
      {"no map", "- a\n", "t.yml:1:1: a template is a map of keys"},
      {"empty", "", "t.yml:1:1: a template is a map of keys"},
      {"broken yaml", "language: [a\n", "t.yml:2:1: "},
      {"fprocess a list", "language: x\nfprocess: [a]\n", "t.yml:2:11: fprocess must be a text"},
      {"handler folder leads out",
       "handler_folder: ../x\n",
       "t.yml:1:17: handler_folder must be a relative path"},
      {"unknown native key",
       "native:\n  buil: []\n",
       "t.yml:2:3: unknown key \"buil\" in native; did you mean \"build\"?"},
      {"native a text",
       "native: yes\n",
       "t.yml:1:9: native must be a map with requires, build, output"},
      {"run a text", "native:\n  build:\n    - run: make all\n", "t.yml:3:12: run must be a list"},
      {"run empty", "native:\n  build:\n    - {run: []}\n", "run must be a list"},
      {"no run", "native:\n  build:\n    - {when: a}\n", "t.yml:3:7: run must be a list"},
      {"no command",
       "native:\n  requires:\n    - {package: a}\n",
       "t.yml:3:7: a requirement needs a command"},
      {"absolute output",
       "native:\n  output: [/etc/passwd]\n",
       "t.yml:2:12: output must be a relative path"},
      {"option without a name",
       "build_options:\n  - packages: [a]\n",
       "t.yml:2:5: a build option is a map"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto error = error_of([&] { parse_template(row.text, "t.yml"); });
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK_MESSAGE(mentions(error.what(), row.message), std::string(error.what()));
  }
}

TEST_CASE("template file: nesting that would exhaust the parser is refused") {
  const std::string deep = "a: " + std::string(10'000, '[');
  CHECK(error_of([&] { parse_template(deep, "t.yml"); }).kind() == ErrorKind::too_large);
}
