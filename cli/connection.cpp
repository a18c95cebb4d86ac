// SPDX-License-Identifier: Apache-2.0
#include "cli/connection.hpp"

#include "cli/config_file.hpp"
#include "cli/credentials.hpp"
#include "cli/daemon_control.hpp"
#include "cli/gateway_address.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"

namespace cubeflash::cli {

namespace {

std::optional<std::string> running_address(const std::filesystem::path& home) {
  const auto daemon = find_daemon(home);
  return daemon && !daemon->url.empty() ? std::optional(normalise_gateway(daemon->url))
                                        : std::nullopt;
}

GatewayClient client_for(const std::string& url, const ApiFlags& flags) {
  const auto home = daemon_home();
  CredentialSources sources{.flag = flags.token,
                            .environment = environment_variable,
                            .daemon_home = home,
                            .config_file = config_file_path(),
                            .running_daemon = running_address(home)};
  return {url, find_credentials(url, sources), !flags.tls_no_verify, flags.timeout};
}

// Two commands at once may both find nothing: the one whose daemon loses the race uses the
// winner's.
void start_default_daemon(Context& context) {
  const auto home = daemon_home();
  RunningDaemon daemon;
  try {
    daemon = start_daemon({.home = home, .listen = {}, .engine = {}});
  } catch (const Error&) {
    if (GatewayClient(std::string(kDefaultGateway), {}).healthy()) return;
    throw;
  }
  context.err << fmt::format(
      "No daemon at {}: started one (pid {}, home {}). Stop it with: cflash daemon stop\n",
      kDefaultGateway,
      daemon.pid,
      home.string());
}

} // namespace

StackFile read_stack(const StackFlags& flags, bool selected, Context& context) {
  StackOptions options;
  options.file = flags.yaml;
  options.substitute = flags.substitute;
  if (selected) {
    options.filter = flags.filter;
    options.regex = flags.regex;
  }
  auto stack = load_stack(options);
  for (const auto& warning : stack.warnings)
    context.err << "Warning: " << warning << '\n';
  return stack;
}

std::optional<StackFile> read_stack_if_any(const StackFlags& flags, Context& context) {
  if (flags.yaml.empty() && !has_default_stack()) return std::nullopt;
  return read_stack(flags, false, context);
}

GatewayClient
connect(const ApiFlags& flags, const std::string& file, Context& context, DaemonStart start) {
  const auto address = choose_gateway({.flag = flags.gateway,
                                       .file = file,
                                       .environment = environment_variable,
                                       .running_daemon = running_address(daemon_home())});
  if (address.url.rfind("http://", 0) == 0 && !is_local_gateway(address.url))
    context.err << fmt::format(
        "Warning: {} is not encrypted: what is sent can be read on the way\n", address.url);
  if (start == DaemonStart::when_absent && address.source == GatewayAddress::Source::fallback &&
      !GatewayClient(address.url, {}).healthy())
    start_default_daemon(context);
  return client_for(address.url, flags);
}

GatewayClient connect(const ApiFlags& api, const StackFlags& stack, Context& context) {
  if (!api.gateway.empty()) return connect(api, std::string(), context);
  const auto file = read_stack_if_any(stack, context);
  return connect(api, file ? file->gateway : std::string(), context);
}

FunctionName named_function(const std::string& text, const std::string& space) {
  if (text.empty()) throw Error(ErrorKind::usage, "the function's name is empty");
  if (!space.empty()) return {text, space};
  return FunctionName::parse(text);
}

std::string
function_url(const GatewayClient& client, const FunctionName& function, const std::string& route) {
  return client.url() + route + function.brief();
}

} // namespace cubeflash::cli
