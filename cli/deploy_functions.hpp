// SPDX-License-Identifier: Apache-2.0
// Deploys functions to a gateway: pushes what was built here, then registers it.
#pragma once

#include "cli/context.hpp"
#include "cli/gateway_client.hpp"
#include "cli/stack/stack_file.hpp"
#include "common/base/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cubeflash::cli {

// What flags change of every function's specification.
struct SpecFlags {
  std::string space;
  std::string fprocess;
  std::vector<std::string> environment; // k=v
  std::vector<std::string> labels;
  std::vector<std::string> annotations;
  std::vector<std::string> constraints;
  std::vector<std::string> secrets;
  bool read_only = false;
  Resources limits;
  Resources requests;
};

struct DeployPlan {
  bool replace = false; // remove first
  bool update = true;   // PUT first
  std::optional<std::chrono::milliseconds> wait;
};

// The stack file's function with the flags on top. Throws Error(usage | unsupported | invalid).
FunctionSpec spec_with_flags(const StackFunction& function, const SpecFlags& flags);

// Throws what spec_with_flags does for the first function that can never be deployed.
void check_deployable(const StackFile& stack, const SpecFlags& flags);

// Deploys all of them, checked before; one that fails does not stop the others. Returns an exit
// code.
int deploy_functions(const StackFile& stack,
                     const SpecFlags& flags,
                     const DeployPlan& plan,
                     const GatewayClient& client,
                     Context& context);

// Failures that concern every function alike are thrown, not told for each: the gateway is gone, or
// refuses us.
bool stops_everything(ErrorKind kind);

} // namespace cubeflash::cli
