// SPDX-License-Identifier: Apache-2.0
// Whole files with the features that stack files in the wild have, one file a feature.
#include "stack_text.hpp"
#include <cstdlib>
#include <filesystem>

using namespace cubeflash;
using namespace cubeflash::tests;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

std::string path_of(const std::string& name) {
  const char* source = std::getenv("CFLASH_SOURCE"); // NOLINT(concurrency-mt-unsafe) - one thread
  REQUIRE_MESSAGE(source != nullptr, "CFLASH_SOURCE is not set; run through ctest");
  return (std::filesystem::path(source) / "tests/stack/files" / name).string();
}

cli::StackFile load(const std::string& name, const StringMap& variables = {}) {
  cli::StackOptions options;
  options.file = path_of(name);
  options.environment = [&](const std::string& variable) -> std::optional<std::string> {
    const auto found = variables.find(variable);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  auto stack = cli::load_stack(options);
  for (auto& warning : stack.warnings)
    warning.erase(0, warning.find(name)); // without the directory
  return stack;
}

// The only function of a file that has no warnings.
cli::StackFunction only(const std::string& name, const StringMap& variables = {}) {
  const auto stack = load(name, variables);
  CHECK(stack.warnings.empty());
  REQUIRE(stack.functions.size() == 1);
  CHECK_NOTHROW(validate(stack.functions[0].to_spec("")));
  return stack.functions[0];
}

} // namespace

TEST_CASE("corpus: the least that works") {
  const auto function = only("01-minimal.yml");
  CHECK(function.name == "hello");
  CHECK(function.image == "hello");
  CHECK(load("01-minimal.yml").gateway.empty());
}

TEST_CASE("corpus: registry, owner and tag from the environment") {
  CHECK(only("02-registry-substitution.yml", {{"OWNER", "me"}, {"TAG", "1.2"}}).image ==
        "registry.example.com/me/report:1.2");
  CHECK(only("02-registry-substitution.yml", {{"OWNER", "me"}, {"REGISTRY", "r:5000"}, {"TAG", ""}})
            .image == "r:5000/me/report:latest");
  CHECK(load("02-registry-substitution.yml").gateway == "http://127.0.0.1:8080");
}

TEST_CASE("corpus: remarks everywhere") {
  const auto function = only("03-comments.yml");
  CHECK(function.fprocess == "cat # not a remark");
  CHECK(function.image == "example/echo:1");
  CHECK(function.limits.empty());
  CHECK(function.skip_build);
}

TEST_CASE("corpus: environment files beside the stack file") {
  CHECK(only("04-environment-file.yml").environment == StringMap{{"inline_only", "here"},
                                                                 {"both", "common"},
                                                                 {"stage", "production"},
                                                                 {"debug", "true"}});
}

TEST_CASE("corpus: limits, and labels that look like numbers and booleans") {
  const auto function = only("05-limits-and-labels.yml");
  CHECK(function.limits == Resources{"256Mi", "500m"});
  CHECK(function.requests == Resources{"64Mi", "0.1"});
  CHECK(function.labels == StringMap{{"com.openfaas.scale.min", "1"},
                                     {"com.openfaas.scale.max", "10"},
                                     {"com.openfaas.scale.zero", "false"},
                                     {"owner", "media"}});
}

TEST_CASE("corpus: secrets are refused until they exist") {
  const auto error = error_of([] { load("06-secrets.yml"); });
  CHECK(error.kind() == ErrorKind::unsupported);
  CHECK(std::string(error.what()).ends_with("06-secrets.yml:7:5: `secrets` is not supported yet"));
}

TEST_CASE("corpus: several functions keep the file's order") {
  const auto stack = load("07-several-functions.yml");
  REQUIRE(stack.functions.size() == 3);
  CHECK(stack.functions[0].name == "zulu");
  CHECK(stack.functions[1].name == "alpha");
  CHECK(stack.functions[2].name == "mike-2");
}

TEST_CASE("corpus: anchors and merge keys") {
  const auto stack = load("08-anchors-and-merge.yml");
  CHECK(stack.warnings.empty());
  REQUIRE(stack.functions.size() == 2);
  CHECK(stack.functions[0].lang == "python3");
  CHECK(stack.functions[0].environment ==
        StringMap{{"read_timeout", "10s"}, {"write_timeout", "10s"}});
  CHECK(stack.functions[1].lang == "python3");
  CHECK(stack.functions[1].limits.memory == "64Mi");
  CHECK(stack.functions[1].environment ==
        StringMap{{"read_timeout", "10s"}, {"write_timeout", "5m"}});
}

TEST_CASE("corpus: folded, literal, quoted and long texts") {
  CHECK(only("09-folded-and-literal.yml").environment ==
        StringMap{{"folded", "one two"},
                  {"literal", "first: not a key\nsecond\n"},
                  {"quoted", "it's"},
                  {"escaped", "tab\there"},
                  {"long", "one two"}});
}

TEST_CASE("corpus: scalars of every type keep their text") {
  CHECK(only("10-scalars-as-text.yml").environment == StringMap{{"bool", "true"},
                                                                {"upper", "TRUE"},
                                                                {"yes", "yes"},
                                                                {"int", "10"},
                                                                {"float", "1.50"},
                                                                {"exponent", "1e3"},
                                                                {"octal", "007"},
                                                                {"hex", "0x1F"},
                                                                {"null_word", ""},
                                                                {"tilde", ""},
                                                                {"empty", ""},
                                                                {"date", "2026-01-02"},
                                                                {"time", "12:30:00"},
                                                                {"version", "1.10"},
                                                                {"8080", "number as a name"}});
}

TEST_CASE("corpus: schedules as annotations") {
  CHECK(only("11-schedule-annotations.yml").annotations ==
        StringMap{{"topic", "cron-function"},
                  {"schedule", "*/5 * * * *"},
                  {"com.example/url", "https://example.com/?a=b&c=d#e"}});
}

TEST_CASE("corpus: build arguments, build options, templates and copies") {
  const auto function = only("12-build-args.yml");
  CHECK(function.lang == "golang-middleware@1.0");
  CHECK(function.build_args == StringMap{{"GO111MODULE", "on"}, {"VERSION", "1.20"}});
  CHECK(function.build_options == Texts{"dev"});
  CHECK(function.platforms == "linux/amd64,linux/arm64");
  const auto stack = load("12-build-args.yml");
  REQUIRE(stack.templates.size() == 2);
  CHECK(stack.templates[0].source == "https://example.com/templates/golang#v2");
  CHECK(stack.templates[1].source.empty());
  CHECK(stack.copy == Texts{"./common", "./proto"});
}

TEST_CASE("corpus: constraints come with a warning") {
  const auto stack = load("13-constraints.yml");
  CHECK(stack.functions[0].constraints == Texts{"node.platform.arch == arm64"});
  CHECK(stack.warnings ==
        Texts{"13-constraints.yml:7:7: constraints have no effect on the local engine"});
}

TEST_CASE("corpus: namespaces and read-only file systems") {
  const auto stack = load("14-namespaces-and-read-only.yml");
  CHECK(stack.functions[0].space == "staging");
  CHECK(stack.functions[0].read_only_root);
  CHECK(stack.functions[1].space.empty());
  CHECK_FALSE(stack.functions[1].read_only_root);
}

TEST_CASE("corpus: the provider of old versions, and images without a handler") {
  const auto stack = load("15-old-provider.yml");
  CHECK(stack.warnings ==
        Texts{"15-old-provider.yml:2:9: provider \"faas\" is an old name; write \"openfaas\""});
  REQUIRE(stack.functions.size() == 2);
  CHECK(stack.functions[0].handler.empty());
  CHECK(stack.functions[1].lang == "dockerfile");
  CHECK(stack.functions[1].fprocess == "wc -w");
}

TEST_CASE("corpus: foreign sections at the top level are left alone") {
  CHECK(only("16-foreign-top-level.yml").name == "one");
}

TEST_CASE("corpus: files of Windows editors") {
  CHECK(only("17-bom-and-crlf.yml").environment ==
        StringMap{{"path", "C:\\Users"}, {"text", "two\nlines\n"}});
}

TEST_CASE("corpus: texts in other scripts") {
  const auto function = only("18-other-scripts.yml");
  CHECK(function.environment ==
        StringMap{{"GRUSS", "Grüße, Jürgen"}, {"挨拶", "こんにちは"}, {"emoji", "🚀"}});
  CHECK(function.labels == StringMap{{"büro", "Zürich"}});
}

TEST_CASE("corpus: JSON is YAML") {
  const auto function = only("19-flow-style.yml");
  CHECK(function.environment == StringMap{{"A", "1"}, {"B", "true"}});
  CHECK(function.build_options == Texts{"x", "y"});
}

TEST_CASE("corpus: keys of our own") {
  const auto function = only("20-our-own-keys.yml");
  CHECK(function.mode == "fork");
  CHECK(function.timeout == 90s);
  CHECK(function.concurrency == 4);
}

TEST_CASE("corpus: tabs are refused with a hint") {
  const auto error = error_of([] { load("21-tabs.yml"); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(std::string(error.what()).find("21-tabs.yml:5:") != std::string::npos);
  CHECK(error.hint() == "indent with blanks, not with tabs");
}

TEST_CASE("corpus: dollar signs of every kind") {
  const auto function = only("22-shell-looking.yml", {{"STAGE", "prod"}, {"IMAGE_NAME", "r/o/n"}});
  CHECK(function.fprocess == "sh -c \"echo $HOME | tr a b\"");
  CHECK(function.environment == StringMap{{"literal", "${KEPT}"},
                                          {"price", "5$"},
                                          {"pattern", "n"},
                                          {"upper", "PROD"},
                                          {"nested", "prod"}});
}

TEST_CASE("corpus: sections that are there and empty") {
  const auto function = only("23-empty-sections.yml");
  CHECK(function.environment.empty());
  CHECK(function.secrets.empty());
}

TEST_CASE("corpus: slips are warnings with a suggestion") {
  CHECK(
      load("24-misplaced-keys.yml").warnings ==
      Texts{"24-misplaced-keys.yml:3:3: unknown key \"gatway\"; did you mean \"gateway\"?",
            "24-misplaced-keys.yml:4:1: unknown key \"fuctions\"; did you mean \"functions\"?",
            "24-misplaced-keys.yml:8:5: unknown key \"handlr\"; did you mean \"handler\"?",
            "24-misplaced-keys.yml:10:5: unknown key \"read_timeout\"",
            "24-misplaced-keys.yml:11:5: unknown key \"enviroment\"; did you mean \"environment\"?",
            "24-misplaced-keys.yml:14:7: unknown key \"mem\""});
}

TEST_CASE("corpus: limits of kinds that we do not have are warnings") {
  const auto stack = load("25-gpu-limits.yml");
  CHECK(stack.functions[0].limits == Resources{"2Gi", ""});
  CHECK(stack.warnings == Texts{"25-gpu-limits.yml:8:7: unknown key \"nvidia.com/gpu\""});
}
