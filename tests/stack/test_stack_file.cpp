// SPDX-License-Identifier: Apache-2.0
#include "stack_text.hpp"

using namespace cubeflash;
using namespace cubeflash::tests;

namespace {

const std::string kFunctions = "functions: {f: {image: x}}\n";

} // namespace

TEST_CASE("stack file: keeps the path, the directory and the order of the functions") {
  const auto stack = cli::parse_stack(
      kProvider + "functions: {z: {image: a}, a: {image: b}, m: {image: c}}\n", "p.yml", "/d");
  CHECK(stack.path == "p.yml");
  CHECK(stack.directory == "/d");
  REQUIRE(stack.functions.size() == 3);
  CHECK(stack.functions[0].name == "z");
  CHECK(stack.functions[2].name == "m");
  CHECK(stack.find("a") == &stack.functions[1]);
  CHECK(stack.find("b") == nullptr);
}

TEST_CASE("stack file: version may be absent, else it is 1.0") {
  for (const char* version :
       {"", "version: 1.0\n", "version: 1\n", "version: '1.0'\n", "version: \"1\"\n"}) {
    CAPTURE(version);
    CHECK_NOTHROW(parse(version + kProvider + kFunctions));
  }
  for (const char* version : {"version: 2\n", "version: 1.00\n", "version: one\n"}) {
    CAPTURE(version);
    CHECK_THROWS_WITH_AS(parse(version + kProvider + kFunctions),
                         doctest::Contains("stack.yml:1:10: version: "),
                         Error);
  }
}

TEST_CASE("stack file: the provider is openfaas or cubeflash") {
  CHECK(parse("provider: {name: cubeflash}\n" + kFunctions).warnings.empty());
  const auto old = parse("provider: {name: faas, network: func_functions}\n" + kFunctions);
  REQUIRE(old.warnings.size() == 1);
  CHECK(old.warnings[0] == "stack.yml:1:18: provider \"faas\" is an old name; write \"openfaas\"");
  CHECK_THROWS_WITH_AS(parse("provider:\n  name: swarm\n" + kFunctions),
                       "stack.yml:2:9: provider.name: \"swarm\" is not supported",
                       Error);
}

TEST_CASE("stack file: a missing provider is refused, and the hint has the lines to add") {
  for (const std::string provider :
       {"", "provider:\n", "provider: {gateway: x}\n", "provider: {name: }\n"}) {
    CAPTURE(provider);
    const auto error = error_of([&] { parse(provider + kFunctions); });
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(error.hint().find("openfaas") != std::string::npos);
  }
  CHECK(error_of([] { parse(kFunctions); }).hint().find("provider:\n  name: openfaas") !=
        std::string::npos);
}

TEST_CASE("stack file: a file without functions is refused") {
  for (const std::string text : {"", "functions:\n", "functions: {}\n"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(
        parse(kProvider + text), "stack.yml: there are no functions in the file", Error);
  }
  CHECK_THROWS_AS(parse(""), Error);
  CHECK_THROWS_AS(parse("# nothing\n"), Error);
}

TEST_CASE("stack file: a misspelt section is the hint for the missing one") {
  const auto error = error_of([] { parse(kProvider + "function: {f: {image: x}}\n"); });
  CHECK(error.hint().find("did you mean \"functions\"?") != std::string::npos);
}

TEST_CASE("stack file: gateway, templates and copy are read") {
  const auto stack = parse("provider: {name: openfaas, gateway: \"http://127.0.0.1:8080/\"}\n"
                           "configuration:\n"
                           "  templates:\n"
                           "    - {name: a, source: \"https://example.com/t#v1\"}\n"
                           "    - name: b\n"
                           "  copy: [./common, lib]\n" +
                           kFunctions);
  CHECK(stack.gateway == "http://127.0.0.1:8080/");
  REQUIRE(stack.templates.size() == 2);
  CHECK(stack.templates[0].source == "https://example.com/t#v1");
  CHECK(stack.templates[1].name == "b");
  CHECK(stack.copy == std::vector<std::string>{"./common", "lib"});
}

TEST_CASE("stack file: wrong types of sections are refused at their place") {
  const std::pair<const char*, const char*> rows[] = {
      {"provider: openfaas\nfunctions: {}\n", "stack.yml:1:11: provider: expected a map"},
      {"provider: {name: [openfaas]}\n", "stack.yml:1:18: provider.name: expected a text"},
      {"provider: {name: openfaas}\nfunctions: [a]\n", "stack.yml:2:12: functions: expected a map"},
      {"provider: {name: openfaas}\nfunctions: {f: image}\n",
       "stack.yml:2:16: function \"f\": expected a map"},
      {"configuration: {templates: {a: b}}\n",
       "stack.yml:1:28: configuration.templates: expected a list"},
      {"configuration: {templates: [{source: x}]}\n",
       "stack.yml:1:29: configuration.templates: an entry has no `name`"},
      {"configuration: {copy: ./x}\n", "stack.yml:1:23: configuration.copy: expected a list"},
      {"version: [1]\n", "stack.yml:1:10: version: expected a text"},
      {"- a\n", "stack.yml:1:1: stack file: expected a map"},
      {"just text\n", "stack.yml:1:1: stack file: expected a map"},
      {"{[a]: b}\n", "stack.yml:1:2: a key must be a text"}};
  for (const auto& [text, words] : rows) {
    CAPTURE(text);
    const auto error = error_of([t = text] { parse(t); });
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(std::string(error.what()) == words);
  }
}

TEST_CASE("stack file: unknown keys of sections are warnings, of the top level only slips are") {
  const auto stack = parse(
      "provider: {name: openfaas, gatewy: x}\nconfiguration: {template: []}\nx-functions: {}\n"
      "services: {}\nversions: 1\n" +
      kFunctions);
  CHECK(stack.warnings ==
        std::vector<std::string>{
            "stack.yml:1:28: unknown key \"gatewy\"; did you mean \"gateway\"?",
            "stack.yml:2:17: unknown key \"template\"; did you mean \"templates\"?",
            "stack.yml:5:1: unknown key \"versions\"; did you mean \"version\"?",
        });
}
