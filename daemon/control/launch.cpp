// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/launch.hpp"

#include "common/base/quantity.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"
#include "daemon/control/function.hpp"

#include <fmt/format.h>

namespace cubeflash::daemon {

namespace {

// A DNS label has 63 characters: room for '-' and 8 of the id.
constexpr std::size_t kMaxNameInId = 54;
constexpr milliseconds kStopGraceBeyondCall{5'000};

} // namespace

InstanceSpec instance_spec(const FunctionRecord& record) {
  const FunctionSpec& spec = record.spec;
  const milliseconds timeout = call_timeout(spec);
  InstanceSpec instance;
  instance.id = fmt::format("{}-{}", spec.name.name.substr(0, kMaxNameInId), random_hex(4));
  instance.function = spec.name;
  instance.revision = record.revision;
  instance.image_digest = record.image_digest;
  instance.environment = spec.environment;
  if (!spec.env_process.empty()) instance.environment.emplace("fprocess", spec.env_process);
  for (const char* variable : {"exec_timeout", "read_timeout", "write_timeout"})
    instance.environment.emplace(variable, format_duration(timeout));
  if (!spec.limits.memory.empty()) instance.memory_bytes = parse_memory(spec.limits.memory);
  if (!spec.limits.cpu.empty()) instance.cpu_millis = parse_cpu(spec.limits.cpu);
  instance.read_only_root = spec.read_only_root;
  instance.stop_grace = timeout + kStopGraceBeyondCall;
  return instance;
}

} // namespace cubeflash::daemon
