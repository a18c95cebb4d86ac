// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"

#include "stack_text.hpp"
#include <filesystem>

using namespace cubeflash;
using namespace cubeflash::tests;
using namespace std::chrono_literals;

namespace {

struct Refusal {
  const char* keys;
  ErrorKind kind;
  const char* words;
};

void check_refusals(const std::vector<Refusal>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.keys);
    const auto error = error_of([&] { parse_keys(row.keys); });
    CHECK(error.kind() == row.kind);
    CHECK(std::string(error.what()) == row.words);
  }
}

} // namespace

TEST_CASE("function: every key of OpenFaaS and of ours reaches the deployment") {
  const auto function = parse_keys(R"(
    lang: python3
    handler: ./f
    fprocess: python3 index.py
    environment: {A: 1}
    labels: {l: x}
    annotations: {a: y}
    constraints: [c]
    limits: {memory: 128Mi, cpu: 100m}
    requests: {memory: 64Mi}
    readonly_root_filesystem: true
    build_options: [dev]
    build_args: {GO: 1.20}
    platforms: linux/amd64
    namespace: staging
    mode: fork
    timeout: 1m30s
    concurrency: 4
)");
  CHECK(function.lang == "python3");
  CHECK(function.handler == "./f");
  CHECK(function.build_options == std::vector<std::string>{"dev"});
  CHECK(function.build_args == StringMap{{"GO", "1.20"}});
  CHECK(function.platforms == "linux/amd64");
  const auto spec = function.to_spec("");
  CHECK(spec.name == FunctionName{"f", "staging"});
  CHECK(spec.image == "example/f");
  CHECK(spec.env_process == "python3 index.py");
  CHECK(spec.environment == StringMap{{"A", "1"}});
  CHECK(spec.labels == StringMap{{"l", "x"}});
  CHECK(spec.annotations == StringMap{{"a", "y"}});
  CHECK(spec.constraints == std::vector<std::string>{"c"});
  CHECK(spec.limits == Resources{"128Mi", "100m"});
  CHECK(spec.requests == Resources{"64Mi", ""});
  CHECK(spec.read_only_root);
  CHECK(spec.mode == "fork");
  CHECK(spec.timeout == 90s);
  CHECK(spec.concurrency == 4);
  CHECK_NOTHROW(validate(spec));
}

TEST_CASE("function: the namespace of the flag wins over the file's, that over the default") {
  CHECK(parse_keys("    namespace: file\n").to_spec("flag").name.space == "flag");
  CHECK(parse_keys("    namespace: file\n").to_spec("").name.space == "file");
  CHECK(parse_keys("").to_spec("").name.space == "openfaas-fn");
}

TEST_CASE("function: the image is the name when the file has none") {
  CHECK(parse(with_function("    lang: go\n    handler: ./f\n")).functions[0].image == "f");
}

TEST_CASE("function: knows where it stands") {
  CHECK(parse_keys("").where == "stack.yml:4:3");
}

TEST_CASE("function: Dockerfile is dockerfile") {
  CHECK(parse_keys("    lang: Dockerfile\n    handler: .\n").lang == "dockerfile");
}

TEST_CASE("function: a name must be a DNS label") {
  for (const char* name : {"Hello", "a_b", "-a", "a.b", "ä", "\"\"", "\"a b\"", "\"../x\""}) {
    CAPTURE(name);
    const auto error =
        error_of([&] { parse(kProvider + "functions:\n  " + name + ": {image: x}\n"); });
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(std::string(error.what()).starts_with("stack.yml:4:3: function name"));
    CHECK_NOTHROW(parse(kProvider + "functions:\n  " + std::string(63, 'x') + ": {image: x}\n"));
  }
  CHECK_THROWS_AS(parse(kProvider + "functions:\n  " + std::string(64, 'x') + ": {image: x}\n"),
                  Error);
}

TEST_CASE("function: the same name twice is refused with both places") {
  CHECK_THROWS_WITH_AS(parse(kProvider + "functions:\n  a: {image: x}\n  a: {image: y}\n"),
                       "stack.yml:5:3: \"a\" is given twice; the first time at stack.yml:4:3",
                       Error);
}

TEST_CASE("function: needs something to run") {
  const auto nothing = error_of([] { parse(with_function("    labels: {a: b}\n")); });
  CHECK(std::string(nothing.what()) ==
        "stack.yml:4:3: function \"f\" has neither `lang` nor `image`");
  CHECK_THROWS_AS(parse(kProvider + "functions:\n  f:\n"), Error);
  const auto handler = error_of([] { parse(with_function("    lang: go\n")); });
  CHECK(std::string(handler.what()) == "stack.yml:4:3: function \"f\" has no `handler`");
  CHECK(handler.hint().find("handler: ./f") != std::string::npos);
  CHECK_NOTHROW(parse_keys("    lang: go\n    skip_build: true\n"));
  CHECK_NOTHROW(parse_keys("    lang: dockerfile\n")); // an image that was built elsewhere
  CHECK_THROWS_AS(parse(with_function("    lang: dockerfile\n")), Error);
}

TEST_CASE("function: wrong types are refused at their place") {
  check_refusals({
      {"    lang: [go]\n", ErrorKind::invalid, "stack.yml:6:11: lang: expected a text"},
      {"    handler: {a: b}\n", ErrorKind::invalid, "stack.yml:6:14: handler: expected a text"},
      {"    skip_build: maybe\n",
       ErrorKind::invalid,
       "stack.yml:6:17: skip_build: expected true or false"},
      {"    environment: text\n",
       ErrorKind::invalid,
       "stack.yml:6:18: environment: expected a map"},
      {"    environment:\n      - A=1\n",
       ErrorKind::invalid,
       "stack.yml:7:7: environment: expected a map"},
      {"    environment:\n      A: [1]\n",
       ErrorKind::invalid,
       "stack.yml:7:10: environment.A: expected a text"},
      {"    environment: {\"A=B\": 1}\n",
       ErrorKind::invalid,
       "stack.yml:6:26: environment: \"A=B\" is not a variable's name"},
      {"    labels:\n      a: {b: c}\n",
       ErrorKind::invalid,
       "stack.yml:7:10: labels.a: expected a text"},
      {"    annotations: 1\n", ErrorKind::invalid, "stack.yml:6:18: annotations: expected a map"},
      {"    secrets: token\n", ErrorKind::invalid, "stack.yml:6:14: secrets: expected a list"},
      {"    constraints: {a: b}\n",
       ErrorKind::invalid,
       "stack.yml:6:18: constraints: expected a list"},
      {"    build_options:\n      - [a]\n",
       ErrorKind::invalid,
       "stack.yml:7:9: build_options: expected a text"},
      {"    environment_file: env.yml\n",
       ErrorKind::invalid,
       "stack.yml:6:23: environment_file: expected a list"},
      {"    limits: 128Mi\n", ErrorKind::invalid, "stack.yml:6:13: limits: expected a map"},
      {"    namespace: A\n", ErrorKind::invalid, "stack.yml:6:16: namespace \"A\" is not valid"},
  });
}

TEST_CASE("function: quantities, durations and counts are checked at their place") {
  check_refusals({
      {"    limits:\n      memory: 5MiB\n",
       ErrorKind::invalid,
       "stack.yml:7:15: limits.memory: \"5MiB\" is not a quantity"},
      {"    requests: {cpu: much}\n",
       ErrorKind::invalid,
       "stack.yml:6:21: requests.cpu: \"much\" is not a quantity"},
      {"    timeout: soon\n",
       ErrorKind::invalid,
       "stack.yml:6:14: timeout: \"soon\" is not a duration longer than 0"},
      {"    timeout: 0s\n",
       ErrorKind::invalid,
       "stack.yml:6:14: timeout: \"0s\" is not a duration longer than 0"},
      {"    concurrency: many\n",
       ErrorKind::invalid,
       "stack.yml:6:18: concurrency: \"many\" is not a whole number"},
      {"    concurrency: 1.5\n",
       ErrorKind::invalid,
       "stack.yml:6:18: concurrency: \"1.5\" is not a whole number"},
      {"    concurrency: 0\n",
       ErrorKind::invalid,
       "stack.yml:6:18: concurrency must be from 1 to 100000"},
      {"    concurrency: -1\n",
       ErrorKind::invalid,
       "stack.yml:6:18: concurrency: \"-1\" is not a whole number"},
  });
  CHECK(parse_keys("    timeout: 30\n").timeout == 30s);
  CHECK_FALSE(parse_keys("    timeout:\n").timeout);
}

TEST_CASE("function: modes of later are known, others are slips") {
  check_refusals({
      {"    mode: zygote\n",
       ErrorKind::unsupported,
       "stack.yml:6:11: mode: zygote is not supported yet"},
      {"    mode: http\n",
       ErrorKind::unsupported,
       "stack.yml:6:11: mode: http is not supported yet"},
      {"    mode: zygot\n",
       ErrorKind::invalid,
       "stack.yml:6:11: mode: \"zygot\" is not a mode; did you mean \"zygote\"?"},
  });
}

TEST_CASE("function: keys of later are refused by name, once they ask for something") {
  const std::pair<const char*, const char*> rows[] = {{"secrets", "[token]"},
                                                      {"scaling", "{min: 0}"},
                                                      {"triggers", "[{cron: {schedule: x}}]"},
                                                      {"volumes", "[{name: a}]"},
                                                      {"build_secrets", "{npmrc: ./x}"},
                                                      {"requires", "[database]"},
                                                      {"provides", "{mail: 25}"}};
  for (const auto& [key, value] : rows) {
    CAPTURE(key);
    const auto error =
        error_of([&, k = key, v = value] { parse_keys(fmt::format("    {}: {}\n", k, v)); });
    CHECK(error.kind() == ErrorKind::unsupported);
    CHECK(std::string(error.what()) ==
          fmt::format("stack.yml:6:5: `{}` is not supported yet", key));
    CHECK(error.hint().find(key) != std::string::npos);
    CHECK_NOTHROW(parse_keys(fmt::format("    {}:\n", key)));
    const auto wrong = error_of([&, k = key] { parse_keys(fmt::format("    {}: text\n", k)); });
    CHECK(wrong.kind() == ErrorKind::invalid);
  }
}

TEST_CASE("function: unknown keys are warnings, with what was probably meant") {
  const auto stack = parse(with_function(
      "    image: x\n    handlr: ./f\n    read_timeout: 5s\n    limits: {mem: 5Mi}\n"));
  CHECK(stack.warnings == std::vector<std::string>{
                              "stack.yml:6:5: unknown key \"handlr\"; did you mean \"handler\"?",
                              "stack.yml:7:5: unknown key \"read_timeout\"",
                              "stack.yml:8:14: unknown key \"mem\"",
                          });
}

TEST_CASE("function: constraints are accepted with a warning") {
  CHECK(parse(with_function("    image: x\n    constraints: [a]\n")).warnings ==
        std::vector<std::string>{"stack.yml:6:18: constraints have no effect on the local engine"});
}

TEST_CASE("environment_file: later files win over earlier ones, and all over the stack file") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  write_file_atomic(directory.path() / "a.yml",
                    "environment:\n  both: a\n  file: a\n  inline: a\n");
  write_file_atomic(directory.path() / "b.yml", "environment:\n  both: b\n  number: 7\n");
  const auto stack =
      cli::parse_stack(with_function("    image: x\n    environment: {inline: stack, own: stack}\n "
                                     "   environment_file: [a.yml, ./b.yml]\n"),
                       "stack.yml",
                       directory.path());
  CHECK(
      stack.functions[0].environment ==
      StringMap{{"both", "b"}, {"file", "a"}, {"inline", "a"}, {"own", "stack"}, {"number", "7"}});
}

TEST_CASE("environment_file: its order among the keys does not matter, and absolute paths work") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  write_file_atomic(directory.path() / "a.yml", "environment: {A: file}\n");
  const auto function =
      parse_keys("    environment_file: [" + (directory.path() / "a.yml").string() +
                 "]\n    environment: {A: inline}\n");
  CHECK(function.environment == StringMap{{"A", "file"}});
}

TEST_CASE("environment_file: a missing, broken or wrong file is refused with its place") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const auto refusal = [&](const std::string& content) {
    write_file_atomic(directory.path() / "env.yml", content);
    return error_of([&] {
      cli::parse_stack(with_function("    image: x\n    environment_file: [env.yml]\n"),
                       "stack.yml",
                       directory.path());
    });
  };
  const auto env = (directory.path() / "env.yml").string();
  const auto missing = error_of([&] {
    cli::parse_stack(with_function("    image: x\n    environment_file:\n      - none.yml\n"),
                     "stack.yml",
                     directory.path());
  });
  CHECK(missing.kind() == ErrorKind::not_found);
  CHECK(std::string(missing.what()).starts_with("stack.yml:7:9: opening "));
  CHECK(std::string(refusal("environment: [a]\n").what()) ==
        env + ":1:14: environment: expected a map");
  CHECK(std::string(refusal("environment: {A: {}}\n").what()) ==
        env + ":1:18: environment.A: expected a text");
  CHECK(std::string(refusal("a: b: c\n").what()).starts_with(env + ":1:"));
  CHECK(std::string(refusal("- a\n").what())
            .starts_with(env + ":1:1: environment file: expected a map"));
  CHECK(refusal(std::string(2U << 20U, '#')).kind() == ErrorKind::too_large);
}

TEST_CASE("environment_file: an empty file and other keys do no harm") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  write_file_atomic(directory.path() / "empty.yml", "");
  write_file_atomic(directory.path() / "other.yml", "A: 1\n");
  const auto stack = cli::parse_stack(
      with_function("    image: x\n    environment_file: [empty.yml, other.yml]\n"),
      "stack.yml",
      directory.path());
  CHECK(stack.functions[0].environment.empty());
  REQUIRE(stack.warnings.size() == 1);
  CHECK(stack.warnings[0].find("only \"environment\" is read") != std::string::npos);
}
