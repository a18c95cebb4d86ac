// SPDX-License-Identifier: Apache-2.0
// One function as the control plane sees it: what is wanted, what runs, and what to do about the
// difference. Passive: no processes, no clock of its own, so every decision can be tested as a
// value.
#pragma once

#include "common/model/api.hpp"
#include "daemon/control/back_off.hpp"
#include "daemon/gateway/route_table.hpp"
#include "daemon/store/function_store.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cubeflash::daemon {

enum class Phase { starting, ready, stopping };

std::string_view phase_name(Phase phase);

struct FunctionInstance {
  std::uint64_t revision = 0;
  std::string image_digest; // "" when adopted from a revision that is gone
  Phase phase = Phase::starting;
  bool start_pending = false; // the engine's start() has not returned: stop() must wait for it
  BackOff::Clock::time_point ready_since{};
  std::shared_ptr<Backend> backend; // set while ready
};

// What to do now to get from what runs to what is wanted.
struct Plan {
  std::size_t start = 0;         // new instances of the current revision
  std::vector<std::string> stop; // ids, to be drained first when they are ready
};

struct Function {
  FunctionRecord record;
  std::map<std::string, FunctionInstance> instances;
  BackOff back_off;
  std::string problem; // why the last instance ended; "" once one is ready
  std::uint64_t restarts = 0;
  std::shared_ptr<WaitQueue> queue;
  std::shared_ptr<FunctionStats> stats;

  const FunctionName& name() const { return record.spec.name; }

  std::size_t count(Phase phase) const;

  // Instances of an old revision stay until enough of the current one are ready: an update is never
  // a gap.
  Plan plan(BackOff::Clock::time_point now) const;

  // The snapshot's part. Not for a hot path.
  std::shared_ptr<const Route> route() const;

  FunctionStatus status(BackOff::Clock::time_point now) const;
};

// The one deadline of a call: `timeout`, else the environment's exec_timeout as OpenFaaS functions
// carry it, else 60 s.
milliseconds call_timeout(const FunctionSpec& spec);

// Instances a fresh deploy begins with: the label com.openfaas.scale.min, else 1. Throws
// Error(invalid) when the label is no number from 0 to kMaxReplicas.
std::uint64_t initial_replicas(const FunctionSpec& spec);

inline constexpr std::uint64_t kMaxReplicas = 1'000;

} // namespace cubeflash::daemon
