// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/deploy.hpp"

#include "cli/build_functions.hpp"
#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "common/base/error.hpp"
#include "common/base/time.hpp"

namespace cubeflash::cli {

namespace {

constexpr std::chrono::seconds kDefaultWait{60};

StackFile single_stack(const DeployOptions& options) {
  if (options.image.empty() || options.name.empty())
    throw Error(ErrorKind::usage, "without a stack file, both --image and --name are needed");
  StackFunction function;
  function.name = options.name;
  function.image = options.image;
  StackFile stack;
  stack.directory = ".";
  stack.functions.push_back(std::move(function));
  return stack;
}

void add_wait_option(CLI::App& command, DeployOptions& options) {
  command
      .add_option_function<std::string>(
          "--wait",
          [&options](const std::string& text) {
            options.wait =
                text.empty() ? std::optional<milliseconds>(kDefaultWait) : parse_duration(text);
            if (!options.wait)
              throw CLI::ValidationError("--wait",
                                         fmt::format("\"{}\" is not a duration such as 30s", text));
          },
          "Wait until the functions are ready, for 60s unless a time is given")
      ->expected(0, 1)
      ->type_name("[DURATION]");
}

} // namespace

void add_spec_flags(CLI::App& command, SpecFlags& flags) {
  const std::string group = "Function";
  add_list_option(command, "-e,--env", flags.environment, "Environment variable; repeatable", "K=V")
      ->group(group);
  add_list_option(command, "-l,--label", flags.labels, "Label; repeatable", "K=V")->group(group);
  add_list_option(command, "--annotation", flags.annotations, "Annotation; repeatable", "K=V")
      ->group(group);
  add_list_option(
      command, "--constraint", flags.constraints, "Placement constraint; repeatable", "TEXT")
      ->group(group);
  add_list_option(command, "--secret", flags.secrets, "Secret (not supported yet)", "NAME")
      ->group(group);
  command.add_flag("--readonly", flags.read_only, "Read-only root file system")->group(group);
  command.add_option("--fprocess", flags.fprocess, "Command that the watchdog runs")
      ->type_name("COMMAND")
      ->group(group);
  command.add_option("--memory-limit", flags.limits.memory, "Limit such as 128Mi")
      ->type_name("SIZE")
      ->group(group);
  command.add_option("--cpu-limit", flags.limits.cpu, "Limit such as 100m")
      ->type_name("CPU")
      ->group(group);
  command.add_option("--memory-request", flags.requests.memory, "Reservation such as 64Mi")
      ->type_name("SIZE")
      ->group(group);
  command.add_option("--cpu-request", flags.requests.cpu, "Reservation such as 50m")
      ->type_name("CPU")
      ->group(group);
}

DeployPlan deploy_plan(bool replace, std::optional<bool> update) {
  if (replace && update.value_or(false))
    throw Error(ErrorKind::usage,
                "--replace and --update exclude each other",
                "--replace removes an existing deployment first; --update, the default, changes it "
                "in place");
  return {.replace = replace, .update = update.value_or(!replace), .wait = {}};
}

void add_deploy(Cli& cli) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App& command = cli.add("deploy", "Deploy built functions");
  command.add_flag("--replace", options->replace, "Remove an existing deployment first");
  command.add_flag_function(
      "--update",
      [options](std::int64_t count) { options->update = count > 0; },
      "Change an existing deployment in place; --update=false refuses to");
  add_wait_option(command, *options);
  add_duration_option(command, "--timeout", options->api.timeout, "Of each API call");
  command
      .add_option("--tag",
                  options->tag,
                  "Image tag: latest, sha, branch, describe or digest, as at the build")
      ->check(CLI::IsMember({"latest", "sha", "branch", "describe", "digest"}))
      ->type_name("FORM");
  const std::string group = "Without a stack file";
  command.add_option("--image", options->image, "Image to deploy")
      ->type_name("IMAGE")
      ->group(group);
  command.add_option("--name", options->name, "Name of the function")
      ->type_name("NAME")
      ->group(group);
  add_spec_flags(command, options->spec);
  add_api_flags(command, options->api);
  cli.add_stack_flags(command);
  command.footer(
      "Examples:\n  cflash deploy\n  cflash deploy --filter api --env LEVEL=debug --wait");
  cli.on(command, options, run_deploy);
}

int run_deploy(const DeployOptions& options, Context& context) {
  auto plan = deploy_plan(options.replace, options.update);
  plan.wait = options.wait;
  const bool single = !options.image.empty() || !options.name.empty();
  auto stack = single ? single_stack(options) : read_stack(options.stack, true, context);
  if (!single) apply_tags(stack, options.tag);
  auto flags = options.spec;
  flags.space = options.api.space;
  check_deployable(stack, flags);
  const auto client = connect(options.api, stack.gateway, context, DaemonStart::when_absent);
  return deploy_functions(stack, flags, plan, client, context);
}

} // namespace cubeflash::cli
