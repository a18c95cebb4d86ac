// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/version.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "common/base/error.hpp"
#include "common/base/version.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::cli {

namespace {

// nullopt, and a word on stderr, when no gateway answers: the version of this program is worth
// telling anyway.
std::optional<SystemInfo> ask_gateway(const GatewayClient& client, Context& context) {
  try {
    return client.info();
  } catch (const Error& error) {
    context.err << "Note: no version of the gateway: " << error.what() << '\n';
    return std::nullopt;
  }
}

void print_json(const GatewayClient& client,
                const std::optional<SystemInfo>& info,
                Context& context) {
  nlohmann::json json{{"cli", {{"commit", kCommit}, {"version", kVersion}}}};
  if (info) {
    json["gateway"] = {{"uri", client.url()}, {"version", info->version}, {"sha", info->commit}};
    json["provider"] = {{"name", "cflashd"},
                        {"orchestration", info->engine},
                        {"version", info->version},
                        {"sha", info->commit}};
  }
  context.out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

} // namespace

void add_version(Cli& cli) {
  auto options = std::make_shared<VersionOptions>();
  CLI::App& command = cli.add("version", "Show the versions of cflash and of the gateway");
  command.add_flag("--short-version", options->short_version, "Only the version of cflash");
  add_json_flag(command, options->json);
  add_api_flags(command, options->api);
  cli.add_yaml_flag(command, "Stack file whose gateway is used", "Gateway");
  command.footer("Examples:\n  cflash version\n  cflash version --short-version");
  cli.on(command, options, run_version);
}

int run_version(const VersionOptions& options, Context& context) {
  if (options.short_version) {
    context.out << kVersion << '\n';
    return kExitOk;
  }
  const auto client = connect(options.api, options.stack, context);
  const auto info = ask_gateway(client, context);
  if (options.json) {
    print_json(client, info, context);
    return kExitOk;
  }
  context.out << fmt::format("CLI:\n commit:  {}\n version: {}\n", kCommit, kVersion);
  if (info) {
    context.out << fmt::format("\nGateway\n uri:     {}\n version: {}\n sha:     {}\n",
                               client.url(),
                               info->version,
                               info->commit);
    context.out << fmt::format("\nProvider\n name:          cflashd\n orchestration: {}\n version: "
                               "      {}\n sha:           {}\n",
                               info->engine,
                               info->version,
                               info->commit);
  }
  return kExitOk;
}

} // namespace cubeflash::cli
