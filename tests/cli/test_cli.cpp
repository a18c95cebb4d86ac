// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"
#include "common/base/version.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace cubeflash;

namespace {

struct Run {
  int code;
  std::string out;
  std::string err;

  bool err_says(const std::string& part) const { return err.find(part) != std::string::npos; }
};

Run run(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  cli::Context context{.out = out, .err = err};
  const int code = cli::run(std::move(arguments), context);
  return {code, out.str(), err.str()};
}

} // namespace

TEST_CASE("cflash: without a command it shows the help on stderr and fails as a usage error") {
  const auto result = run({});
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(result.err_says("Usage: cflash"));
  CHECK(run({"template"}).err_says("Usage: cflash template"));
}

TEST_CASE("cflash: --help, help and --version answer on stdout") {
  CHECK(run({"--help"}).code == 0);
  CHECK(run({"help"}).out == run({"--help"}).out);
  CHECK(run({"help", "deploy"}).out == run({"deploy", "--help"}).out);
  CHECK(run({"deploy", "--help"}).out.find("Examples:") != std::string::npos);
  const auto version = run({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out.find(kVersion) != std::string::npos);
}

TEST_CASE("cflash: every command has a description and examples") {
  cli::Cli declared;
  const auto all = [](const CLI::App*) { return true; };
  std::vector<const CLI::App*> commands;
  for (const auto* command : declared.app().get_subcommands(all)) {
    commands.push_back(command);
    for (const auto* nested : command->get_subcommands(all))
      commands.push_back(nested);
  }
  CHECK(commands.size() >= 20);
  for (const auto* command : commands) {
    CAPTURE(command->get_name());
    CHECK_FALSE(command->get_description().empty());
    CHECK(command->get_footer().rfind("Examples:", 0) == 0);
  }
}

TEST_CASE("cflash: a mistyped command or flag is told with what was meant") {
  CHECK(run({"depoly"}).err_says("unknown command \"depoly\"; did you mean \"deploy\"?"));
  CHECK(run({"template", "lst"}).err_says("did you mean \"list\"?"));
  CHECK(run({"deploy", "--gatway", "http://x"})
            .err_says("unknown flag \"--gatway\"; did you mean \"--gateway\"?"));
  CHECK(run({"deploy", "--gatway=http://x"}).err_says("unknown flag \"--gatway\""));
  CHECK(run({"version", "extra"}).err_says("unexpected argument \"extra\""));
  for (const auto& line : std::vector<std::vector<std::string>>{{"depoly"},
                                                                {"deploy", "--gatway"},
                                                                {"invoke"},
                                                                {"scale", "x", "y"},
                                                                {"list", "--sort", "size"},
                                                                {"ready", "--interval", "soon"}})
    CHECK(run(line).code == 2);
}

TEST_CASE("cflash: a function may be called as a command is") {
  // "list" must be taken as the function's name: what fails is the connection.
  const auto result = run({"describe", "list", "--gateway", "http://127.0.0.1:1"});
  CHECK(result.code == 1);
  CHECK(result.err_says("cannot connect to http://127.0.0.1:1"));
}

TEST_CASE("cflash: repeatable options take one value each") {
  const auto result =
      run({"invoke", "--query", "a=b", "hello", "-m", "GET", "--gateway", "http://127.0.0.1:1"});
  CHECK(result.code == 1);
  CHECK(result.err_says("cannot connect"));
}

TEST_CASE("cflash: what is not built yet says so") {
  CHECK(run({"up", "--watch"}).err_says("--watch is not supported yet"));
  CHECK(run({"up", "--publish"}).code == 1);
  CHECK(run({"invoke", "x", "--async"}).err_says("not supported yet"));
  CHECK(run({"deploy", "--image", "a", "--name", "b", "--secret", "s"})
            .err_says("not supported yet"));
}

TEST_CASE("cflash: errors are one line and a hint, without colour off a terminal") {
  const auto result = run({"deploy", "--replace", "--update", "--image", "a", "--name", "b"});
  CHECK(result.code == 2);
  CHECK(result.err.rfind("cflash: --replace and --update exclude each other\n  ", 0) == 0);
  CHECK(result.err.find('\x1b') == std::string::npos);
  CHECK(result.out.empty());
}
