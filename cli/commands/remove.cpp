// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/remove.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/deploy_functions.hpp"
#include "common/base/error.hpp"

namespace cubeflash::cli {

namespace {

struct Removal {
  std::vector<FunctionName> names;
  std::string gateway; // of the stack file
};

Removal what_to_remove(const RemoveOptions& options, Context& context) {
  Removal removal;
  if (options.functions.empty()) {
    const auto stack = read_stack(options.stack, true, context);
    removal.gateway = stack.gateway;
    for (const auto& function : stack.functions)
      removal.names.push_back(function.to_spec(options.api.space).name);
    return removal;
  }
  if (const auto stack = read_stack_if_any(options.stack, context))
    removal.gateway = stack->gateway;
  for (const auto& text : options.functions)
    removal.names.push_back(named_function(text, options.api.space));
  return removal;
}

} // namespace

void add_remove(Cli& cli) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App& command = cli.add("remove", "Remove functions");
  command.alias("rm")->alias("delete");
  command.add_option("function", options->functions, "Names; without any, those of the stack file")
      ->type_name("");
  add_api_flags(command, options->api);
  cli.add_stack_flags(command);
  command.footer("Examples:\n  cflash remove hello\n  cflash remove -f stack.yaml");
  cli.on(command, options, run_remove);
}

int run_remove(const RemoveOptions& options, Context& context) {
  const auto removal = what_to_remove(options, context);
  const auto client = connect(options.api, removal.gateway, context);
  int code = kExitOk;
  for (const auto& name : removal.names) {
    context.out << fmt::format("Deleting: {}.\n", name.full());
    context.out.flush();
    try {
      client.remove(name);
      context.out << "Removing old function.\n";
    } catch (const Error& error) {
      if (stops_everything(error.kind())) throw;
      context.err << fmt::format("cflash: {}: {}\n", name.brief(), error.what());
      code = kExitFailed;
    }
  }
  return code;
}

} // namespace cubeflash::cli
