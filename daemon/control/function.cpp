// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/function.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"

#include <algorithm>

namespace cubeflash::daemon {

namespace {

constexpr std::string_view kMinLabel = "com.openfaas.scale.min";

// The order in which surplus instances go: those that serve nobody first.
int stop_rank(const FunctionInstance& instance) {
  return instance.phase == Phase::starting ? 0 : 1;
}

} // namespace

std::string_view phase_name(Phase phase) {
  switch (phase) {
  case Phase::starting:
    return "starting";
  case Phase::ready:
    return "ready";
  case Phase::stopping:
    return "stopping";
  }
  return "?";
}

std::size_t Function::count(Phase phase) const {
  return static_cast<std::size_t>(
      std::count_if(instances.begin(), instances.end(), [phase](const auto& entry) {
        return entry.second.phase == phase;
      }));
}

Plan Function::plan(BackOff::Clock::time_point now) const {
  Plan plan;
  std::vector<std::string> current;
  std::vector<std::string> old;
  std::size_t current_ready = 0;
  for (const auto& [id, instance] : instances) {
    if (instance.phase == Phase::stopping) continue;
    const bool is_current = instance.revision == record.revision;
    (is_current ? current : old).push_back(id);
    if (is_current && instance.phase == Phase::ready) ++current_ready;
  }
  if (current.size() < record.replicas && now >= back_off.retry_at())
    plan.start = record.replicas - current.size();
  if (current.size() > record.replicas) {
    std::stable_sort(current.begin(), current.end(), [this](const auto& a, const auto& b) {
      return stop_rank(instances.at(a)) < stop_rank(instances.at(b));
    });
    current.resize(current.size() - record.replicas);
    plan.stop = std::move(current);
  }
  for (const auto& id : old)
    if (instances.at(id).phase == Phase::starting || current_ready >= record.replicas)
      plan.stop.push_back(id);
  return plan;
}

std::shared_ptr<const Route> Function::route() const {
  auto route = std::make_shared<Route>();
  route->name = name();
  route->timeout = call_timeout(record.spec);
  route->concurrency = record.spec.concurrency.value_or(0);
  route->wanted = record.replicas > 0;
  route->problem = problem;
  for (const auto& [id, instance] : instances)
    if (instance.phase == Phase::ready) route->backends.push_back(instance.backend);
  route->queue = queue;
  route->stats = stats;
  return route;
}

FunctionStatus Function::status(BackOff::Clock::time_point now) const {
  FunctionStatus status{.spec = record.spec,
                        .invocation_count = static_cast<double>(stats->invocations()),
                        .replicas = record.replicas,
                        .available_replicas = count(Phase::ready),
                        .created_at = record.created_at,
                        .instances = {}};
  status.spec.labels["faas_function"] = name().name;
  for (const auto& [id, instance] : instances)
    status.instances.push_back({id, std::string(phase_name(instance.phase)), "", 0});
  if (!problem.empty() && status.available_replicas < record.replicas) {
    const auto wait = std::chrono::ceil<milliseconds>(back_off.retry_at() - now);
    const bool waiting = wait.count() > 0;
    status.instances.push_back(
        {name().name,
         "backoff",
         waiting ? fmt::format("{}; restarting in {}", problem, format_duration(wait)) : problem,
         restarts});
  }
  return status;
}

milliseconds call_timeout(const FunctionSpec& spec) {
  if (spec.timeout) return *spec.timeout;
  const auto entry = spec.environment.find("exec_timeout");
  if (entry == spec.environment.end()) return kDefaultTimeout;
  const auto parsed = parse_duration(entry->second);
  return parsed && parsed->count() > 0 ? *parsed : kDefaultTimeout;
}

std::uint64_t initial_replicas(const FunctionSpec& spec) {
  const auto label = spec.labels.find(std::string(kMinLabel));
  if (label == spec.labels.end()) return 1;
  const auto value = parse_integer<std::uint64_t>(label->second);
  if (!value || *value > kMaxReplicas)
    throw Error(ErrorKind::invalid,
                fmt::format("label {}: \"{}\" is not a number from 0 to {}",
                            kMinLabel,
                            label->second,
                            kMaxReplicas));
  return std::max<std::uint64_t>(*value, 1);
}

} // namespace cubeflash::daemon
