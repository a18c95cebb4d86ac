// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/ready.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/wait_ready.hpp"
#include "common/base/error.hpp"

#include <thread>

namespace cubeflash::cli {

namespace {

// nullopt: ready. Else why not.
std::optional<std::string> why_not_ready(const GatewayClient& client, const ReadyOptions& options) {
  if (options.function.empty())
    return client.healthy() ? std::nullopt : std::optional("the gateway does not answer");
  try {
    const auto status = client.status(named_function(options.function, options.api.space));
    if (status.available_replicas > 0) return std::nullopt;
    return status.replicas == 0 ? "it is scaled to 0" : readiness_of(status).reason;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::denied || error.kind() == ErrorKind::usage) throw;
    return error.what();
  }
}

} // namespace

void add_ready(Cli& cli) {
  auto options = std::make_shared<ReadyOptions>();
  CLI::App& command = cli.add("ready", "Wait until the gateway, or a function, is ready");
  command
      .add_option("function", options->function, "NAME or NAME.NAMESPACE; without it, the gateway")
      ->type_name("");
  command.add_option("--attempts", options->attempts, "How often to look")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_duration_option(command, "--interval", options->interval, "Time between two looks");
  add_api_flags(command, options->api);
  cli.add_yaml_flag(command, "Stack file whose gateway is used", "Gateway");
  command.footer("Examples:\n  cflash ready\n  cflash ready hello --attempts 10");
  cli.on(command, options, run_ready);
}

int run_ready(const ReadyOptions& options, Context& context) {
  const auto client = connect(options.api, options.stack, context);
  const auto what =
      options.function.empty() ? "Gateway " + client.url() : "Function " + options.function;
  std::optional<std::string> reason;
  for (unsigned attempt = 1; attempt <= options.attempts; ++attempt) {
    reason = why_not_ready(client, options);
    if (!reason) {
      context.out << what << " is ready\n";
      return kExitOk;
    }
    context.err << fmt::format("[{}/{}] Waiting: {}\n", attempt, options.attempts, *reason);
    if (attempt < options.attempts) std::this_thread::sleep_for(options.interval);
  }
  throw Error(ErrorKind::timeout, fmt::format("{} is not ready: {}", what, reason.value_or("")));
}

} // namespace cubeflash::cli
