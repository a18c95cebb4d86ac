// SPDX-License-Identifier: Apache-2.0
// Finds and ends every process of an instance, however it tried to get away. Blocking: callers run
// it on the worker pool. It refuses to know why an instance ends.
#pragma once

#include "daemon/engine/local/instance_directory.hpp"
#include "daemon/engine/local/instance_record.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace cubeflash::daemon {

// In the environment of all that an instance starts: "CFLASH_INSTANCE=<id>".
std::string instance_marker(const std::string& id);

// argv[0] of a plain instance's watchdog; a sandbox has the directory among bubblewrap's arguments.
std::string plain_argv0(const InstanceDirectory& directory);

// PID 1 of an instance's sandbox, as numbered outside; pid 0 when there is none (any more).
ProcessIdentity sandbox_init(const InstanceDirectory& directory, const InstanceRecord& record);

// By its record, its sandbox, its uid, its cgroups, its marker and its arguments.
std::vector<ProcessIdentity> find_processes(const InstanceDirectory& directory,
                                            const InstanceRecord& record);

// SIGKILL to the instance's process, its group and its sandbox: all of it when it is sandboxed.
void kill_instance(const InstanceDirectory& directory, const InstanceRecord& record);

// SIGKILL to all of them, again until none is found; false when `limit` passed before.
bool end_processes(const InstanceDirectory& directory,
                   const InstanceRecord& record,
                   std::chrono::milliseconds limit);

// The same for a directory whose record is missing or says that a start was under way, where a
// process may be between fork and exec, without a name yet.
bool end_unrecorded(const InstanceDirectory& directory,
                    const InstanceRecord& record,
                    std::chrono::milliseconds limit);

} // namespace cubeflash::daemon
