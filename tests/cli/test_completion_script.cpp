// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"
#include "cli/completion_script.hpp"
#include "common/base/environment.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cubeflash;
using namespace cubeflash::cli;

namespace {

std::string script(const std::string& shell) {
  Cli cli;
  return completion_script(cli.app(), shell);
}

// What bash would offer for the last of `words`. `cflash list -q` is a function of the shell's
// here.
std::vector<std::string> complete(const std::vector<std::string>& words) {
  std::string text = script("bash") + "\ncflash() { printf 'alpha\\nbeta\\n'; }\nCOMP_WORDS=(";
  for (const auto& word : words)
    text += "'" + word + "' ";
  text += ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
          "\n_cflash\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const auto result = run({.program = "bash", .args = {"--norc", "-s"}}, {.input = text});
  REQUIRE_MESSAGE(result.status.ok(), result.err);
  auto lines = split(trim(result.out), '\n');
  std::sort(lines.begin(), lines.end());
  return lines;
}

using Words = std::vector<std::string>;

} // namespace

TEST_CASE("completion: bash completes commands, subcommands, flags and names of functions") {
  CHECK(complete({"cflash", "de"}) == Words{"delete", "deploy", "describe"});
  CHECK(complete({"cflash", "template", ""}) == Words{"list", "ls", "pull"});
  CHECK(complete({"cflash", "template", "ls", "--j"}) == Words{"--json"});
  CHECK(complete({"cflash", "deploy", "--gat"}) == Words{"--gateway"});
  CHECK(complete({"cflash", "describe", ""}) == Words{"alpha", "beta"});
  CHECK(complete({"cflash", "rm", "a"}) == Words{"alpha"});
  CHECK(complete({"cflash", "version", ""}) == Words{""});
}

TEST_CASE("completion: the shells that are here read their scripts without complaint") {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    if (!find_program(shell)) {
      MESSAGE("SKIPPED: " << shell << " is not installed");
      continue;
    }
    const auto result = run({.program = shell, .args = {"-n"}}, {.input = script(shell)});
    CHECK_MESSAGE(result.status.ok(), shell, ": ", result.err);
    CHECK(result.err.empty());
  }
}

TEST_CASE("completion: every command and flag is in every script") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto text = script(shell);
    CAPTURE(shell);
    for (const char* word : {"deploy", "template", "pull", "status", "shrinkwrap", "tls-no-verify"})
      CHECK(text.find(word) != std::string::npos);
  }
}
