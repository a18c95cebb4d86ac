// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/up.hpp"

#include "cli/cli.hpp"
#include "cli/commands/build.hpp"
#include "cli/commands/deploy.hpp"
#include "cli/connection.hpp"
#include "common/base/error.hpp"

namespace cubeflash::cli {

namespace {

constexpr std::chrono::seconds kReadyTimeout{60};

} // namespace

void add_up(Cli& cli) {
  auto options = std::make_shared<UpOptions>();
  CLI::App& command = cli.add("up", "Build, deploy and wait until the functions are ready");
  command.add_flag("--no-wait", options->no_wait, "Do not wait until they are ready");
  command.add_flag("--skip-deploy", options->skip_deploy, "Only build");
  command.add_flag(
      "--skip-push", options->skip_push, "Accepted and ignored: images go to the daemon itself");
  command.add_flag("--watch", options->watch, "Go on with every change (not supported yet)");
  command.add_flag(
      "--publish", options->publish, "Publish for several platforms (not supported yet)");
  command.add_flag("--replace", options->replace, "Remove an existing deployment first");
  command.add_flag_function(
      "--update",
      [options](std::int64_t count) { options->update = count > 0; },
      "Change an existing deployment in place; --update=false refuses to");
  add_duration_option(command, "--timeout", options->api.timeout, "Of each API call");
  add_build_flags(command, options->build);
  add_spec_flags(command, options->spec);
  add_api_flags(command, options->api);
  cli.add_stack_flags(command);
  command.footer("Examples:\n  cflash up\n  cflash up -f stack.yaml --filter api");
  cli.on(command, options, run_up);
}

int run_up(const UpOptions& options, Context& context) {
  if (options.watch) throw Error(ErrorKind::unsupported, "--watch is not supported yet");
  if (options.publish) throw Error(ErrorKind::unsupported, "--publish is not supported yet");
  auto plan = deploy_plan(options.replace, options.update);
  if (!options.no_wait) plan.wait = kReadyTimeout;
  auto stack = read_stack(options.stack, true, context);
  apply_tags(stack, options.build.tag);
  auto flags = options.spec;
  flags.space = options.api.space;
  check_deployable(stack, flags); // before the time of a build is spent
  pull_missing_templates(stack, options.build, context);
  const int built = build_functions(stack, options.build, context);
  if (built != kExitOk || options.skip_deploy) return built;
  const auto client = connect(options.api, stack.gateway, context, DaemonStart::when_absent);
  return deploy_functions(stack, flags, plan, client, context);
}

} // namespace cubeflash::cli
