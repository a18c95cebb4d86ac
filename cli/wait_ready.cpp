// SPDX-License-Identifier: Apache-2.0
#include "cli/wait_ready.hpp"

#include <algorithm>
#include <thread>

namespace cubeflash::cli {

namespace {

// The API has no event for it; a ready function is seen within one of these.
constexpr std::chrono::milliseconds kPollInterval{150};
// A start that fails three times running is no accident.
constexpr std::uint64_t kHopelessRestarts = 3;

bool is_pending(const InstanceStatus& instance) {
  return instance.phase == "starting" || instance.phase == "backoff";
}

bool is_hopeless(const FunctionStatus& status) {
  return status.available_replicas == 0 &&
         std::any_of(status.instances.begin(), status.instances.end(), [](const auto& instance) {
           return instance.phase == "backoff" && instance.restarts >= kHopelessRestarts;
         });
}

} // namespace

Readiness readiness_of(const FunctionStatus& status) {
  // An instance of an older revision may still be ready: those that are on their way count.
  const bool pending = std::any_of(status.instances.begin(), status.instances.end(), is_pending);
  if (status.replicas == 0 || (status.available_replicas > 0 && !pending)) return {true, {}};
  for (const auto& instance : status.instances)
    if (!instance.reason.empty() && instance.phase != "ready") return {false, instance.reason};
  return {false, "no instance is ready yet"};
}

Readiness wait_ready(const GatewayClient& client,
                     const FunctionName& function,
                     std::chrono::milliseconds timeout,
                     const std::function<void(const std::string& reason)>& changed) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::string told;
  for (;;) {
    const auto status = client.status(function);
    auto readiness = readiness_of(status);
    if (readiness.ready || is_hopeless(status) || std::chrono::steady_clock::now() >= deadline)
      return readiness;
    if (readiness.reason != told) changed(told = readiness.reason);
    std::this_thread::sleep_for(kPollInterval);
  }
}

} // namespace cubeflash::cli
