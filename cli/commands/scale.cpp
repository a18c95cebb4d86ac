// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/scale.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"

#include <fmt/format.h>

namespace cubeflash::cli {

void add_scale(Cli& cli) {
  auto options = std::make_shared<ScaleOptions>();
  CLI::App& command = cli.add("scale", "Set the number of a function's instances");
  command.add_option("function", options->function, "NAME or NAME.NAMESPACE")
      ->required()
      ->type_name("");
  command.add_option("replicas", options->replicas, "How many")->required()->type_name("");
  add_api_flags(command, options->api);
  cli.add_yaml_flag(command, "Stack file whose gateway is used", "Gateway");
  command.footer("Examples:\n  cflash scale hello 3\n  cflash scale hello 0");
  cli.on(command, options, run_scale);
}

int run_scale(const ScaleOptions& options, Context& context) {
  const auto client = connect(options.api, options.stack, context);
  const auto name = named_function(options.function, options.api.space);
  client.scale(name, options.replicas);
  context.out << fmt::format("Scaled: {} to {}.\n", name.brief(), options.replicas);
  return kExitOk;
}

} // namespace cubeflash::cli
