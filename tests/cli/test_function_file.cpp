// SPDX-License-Identifier: Apache-2.0
#include "cli/function_file.hpp"
#include "cli/stack/stack_file.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::cli;

namespace {

NewFunction function(const std::string& name) {
  return {.name = name,
          .lang = "python3",
          .handler = "./" + name,
          .image = name + ":latest",
          .limits = {},
          .requests = {}};
}

} // namespace

TEST_CASE("new_stack_text: what is written is read back") {
  auto wanted = function("hello");
  wanted.handler = "./odd # folder: \"x\"";
  wanted.limits = {.memory = "128Mi", .cpu = "100m"};
  const auto stack =
      parse_stack(new_stack_text(wanted, "http://127.0.0.1:8080"), "stack.yaml", ".");
  CHECK(stack.warnings.empty());
  CHECK(stack.gateway == "http://127.0.0.1:8080");
  REQUIRE(stack.functions.size() == 1);
  CHECK(stack.functions[0].name == "hello");
  CHECK(stack.functions[0].handler == wanted.handler);
  CHECK(stack.functions[0].limits == wanted.limits);
}

TEST_CASE("append_to_stack: adds one entry and leaves all other text alone") {
  const std::string before =
      "# mine\nversion: 1.0\nprovider:\n  name: openfaas\nfunctions: # all of them\n"
      "    first: # indented by 4\n        lang: bash\n        handler: ./first\n\n# the end\n"
      "configuration:\n  copy: [./common]\n";
  const auto after = append_to_stack(before, function("second"), "stack.yaml");
  const auto stack = parse_stack(after, "stack.yaml", ".");
  CHECK(stack.functions.size() == 2);
  CHECK(stack.find("second")->lang == "python3");
  CHECK(after.find("    second:\n      lang: python3\n") != std::string::npos);
  CHECK(after.find("# the end\nconfiguration:") != std::string::npos);
  CHECK(after.rfind("# mine\n", 0) == 0);
}

TEST_CASE("append_to_stack: ${...} in the file stays as it is") {
  const std::string before =
      "provider: {name: openfaas, gateway: \"${GW:-http://h:1}\"}\nfunctions:\n  a:\n    lang: "
      "bash\n    handler: ./a";
  const auto after = append_to_stack(before, function("b"), "stack.yaml");
  CHECK(after.rfind(before + "\n", 0) == 0);
}

TEST_CASE(
    "append_to_stack: a name that is taken, a broken file and a layout without lines are refused") {
  const std::string block =
      "provider:\n  name: openfaas\nfunctions:\n  a:\n    lang: bash\n    handler: ./a\n";
  CHECK(error_of([&] { append_to_stack(block, function("a"), "s.yml"); }).kind ==
        ErrorKind::conflict);
  CHECK(error_of([&] { append_to_stack("functions: [", function("b"), "s.yml"); }).kind ==
        ErrorKind::invalid);
  const auto flow = error_of([&] {
    append_to_stack("{provider: {name: openfaas}, functions: {a: {lang: bash, handler: ./a}}}",
                    function("b"),
                    "s.yml");
  });
  CHECK(flow.kind == ErrorKind::invalid);
  CHECK(flow.says("s.yml"));
}

TEST_CASE("with_ignored: only what is missing is added") {
  const std::vector<std::string> lines{"template", "build"};
  CHECK(with_ignored("", lines) == "template\nbuild\n");
  CHECK(with_ignored("/build/\n*.o", lines) == "/build/\n*.o\ntemplate\n");
  CHECK(with_ignored("template\nbuild\n", lines) == "template\nbuild\n");
}
