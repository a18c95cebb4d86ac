// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"

#include "cli/commands/commands.hpp"
#include "cli/help_formatter.hpp"
#include "cli/output.hpp"
#include "cli/usage_error.hpp"
#include "common/base/environment.hpp"
#include "common/base/version.hpp"

#include <algorithm>
#include <optional>

namespace cubeflash::cli {

namespace {

// "cflash: <what>", the hint on lines of its own.
void print_error(const Error& error, Context& context) {
  const char* red = context.colour ? "\x1b[31m" : "";
  const char* plain = context.colour ? "\x1b[0m" : "";
  context.err << red << "cflash:" << plain << ' ' << error.what() << '\n';
  if (error.hint().empty()) return;
  std::string hint = error.hint();
  for (std::size_t at = 0; (at = hint.find('\n', at)) != std::string::npos; at += 3)
    hint.replace(at, 1, "\n  ");
  context.err << "  " << hint << '\n';
}

// What a user who typed no more than a group's name wants to see.
bool stopped_at_group(const CLI::App& app) {
  const CLI::App* place = &app;
  while (!place->get_subcommands().empty())
    place = place->get_subcommands().back();
  return place->get_require_subcommand_min() > 0 && app.remaining(true).empty();
}

// `cflash help deploy` is `cflash deploy --help`.
void rewrite_help(std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] != "help") return;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
}

// Parses; an exit code when that was already all.
std::optional<int> parse(Cli& cli, std::vector<std::string> arguments, Context& context) {
  rewrite_help(arguments);
  std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the back
  try {
    cli.app().parse(std::move(arguments));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    context.out << cli.app().help();
    return kExitOk;
  } catch (const CLI::CallForVersion& version) {
    context.out << version.what() << '\n';
    return kExitOk;
  } catch (const CLI::RequiredError& complaint) {
    if (stopped_at_group(cli.app())) {
      context.err << cli.app().help();
      return kExitUsage;
    }
    throw usage_error(cli.app(), complaint);
  } catch (const CLI::ParseError& complaint) {
    throw usage_error(cli.app(), complaint);
  }
}

// Before an error is told. A second failure, of the output, would only hide the first.
void flush_what_there_is(Context& context) {
  try {
    context.out.flush();
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch) - see above
  }
}

} // namespace

Cli::Cli() : app_("Functions on this machine or any other: build, deploy, invoke.", "cflash") {
  app_.set_help_flag("-h,--help", "Print this help");
  app_.set_version_flag(
      "--version", fmt::format("cflash {} ({})", kVersion, kCommit), "Print the version");
  app_.require_subcommand(1);
  app_.formatter(std::make_shared<HelpFormatter>());
  app_.footer(
      "Examples:\n  cflash new hello --lang python3\n  cflash up\n  echo hi | cflash invoke hello");
  add_stack_flags(app_);
  add_commands(*this);
}

CLI::App& Cli::add(const std::string& name, const std::string& description) {
  return add(app_, name, description);
}

CLI::App& Cli::add(CLI::App& group, const std::string& name, const std::string& description) {
  CLI::App& command = *group.add_subcommand(name, description);
  command.group("Commands");
  return command;
}

void Cli::add_yaml_flag(CLI::App& command,
                        const std::string& description,
                        const std::string& group) {
  command.add_option("-f,--yaml", stack_.yaml, description)->type_name("FILE")->group(group);
}

void Cli::add_stack_flags(CLI::App& command) {
  const std::string group = "Stack file";
  add_yaml_flag(command, "Stack file or its URL; default stack.yaml, then stack.yml", group);
  command.add_option("--filter", stack_.filter, "Only functions whose name matches; * is any text")
      ->type_name("GLOB")
      ->group(group);
  command
      .add_option(
          "--regex", stack_.regex, "Only functions whose name matches this regular expression")
      ->type_name("REGEX")
      ->group(group);
  command
      .add_flag("--envsubst",
                stack_.substitute,
                "Replace ${NAME} in the stack file; --envsubst=false leaves it")
      ->group(group);
}

int run(std::vector<std::string> arguments, Context& context) {
  context.colour = context.err_is_terminal && !environment_variable("NO_COLOR");
  try {
    Cli cli;
    const auto done = parse(cli, std::move(arguments), context);
    const int code = done ? *done : cli.action()(context);
    context.out.flush();
    return code;
  } catch (const OutputClosed&) {
    return kExitOutputClosed;
  } catch (const Error& error) {
    flush_what_there_is(context);
    print_error(error, context);
    return error.kind() == ErrorKind::usage ? kExitUsage : kExitFailed;
  } catch (const std::exception& error) {
    flush_what_there_is(context);
    print_error(Error(ErrorKind::failed, error.what()), context);
    return kExitFailed;
  }
}

} // namespace cubeflash::cli
