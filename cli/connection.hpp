// SPDX-License-Identifier: Apache-2.0
// From flags, stack file, environment and this account's daemon to a client that can be used.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"
#include "cli/gateway_client.hpp"
#include "cli/stack/stack_file.hpp"

#include <optional>

namespace cubeflash::cli {

enum class DaemonStart {
  never,
  when_absent // start one when nobody chose a gateway and nothing serves the default address
};

// The stack file that the flags mean. `selected` applies --filter and --regex. Its warnings are
// printed.
StackFile read_stack(const StackFlags& flags, bool selected, Context& context);

// nullopt when no file was named and there is no default one.
std::optional<StackFile> read_stack_if_any(const StackFlags& flags, Context& context);

// `file` is provider.gateway, or empty.
GatewayClient connect(const ApiFlags& flags,
                      const std::string& file,
                      Context& context,
                      DaemonStart start = DaemonStart::never);

// For commands that need a stack file for its gateway only.
GatewayClient connect(const ApiFlags& api, const StackFlags& stack, Context& context);

// "NAME" or "NAME.NS"; --namespace wins. Throws Error(usage) for an empty name.
FunctionName named_function(const std::string& text, const std::string& space);

// The address at which a function is called.
std::string function_url(const GatewayClient& client,
                         const FunctionName& function,
                         const std::string& route = "/function/");

} // namespace cubeflash::cli
