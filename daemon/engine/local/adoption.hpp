// SPDX-License-Identifier: Apache-2.0
// What the daemon before this one left: instances that still run, and the remains of those that do
// not. Blocking. It refuses to know what becomes of what it finds.
#pragma once

#include "common/base/fd.hpp"
#include "daemon/engine/local/instance_directory.hpp"
#include "daemon/engine/local/instance_record.hpp"

#include <filesystem>
#include <vector>

namespace cubeflash::daemon {

struct FoundInstance {
  InstanceDirectory directory;
  InstanceRecord record;
  Fd pidfd;
};

// Instances whose record is whole and whose process is still the recorded one. All else that this
// home's daemons started is ended and removed.
std::vector<FoundInstance> find_instances(const std::filesystem::path& home);

} // namespace cubeflash::daemon
