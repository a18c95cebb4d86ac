// SPDX-License-Identifier: Apache-2.0
// From a function's record to the instance that an engine starts.
#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/store/function_store.hpp"

namespace cubeflash::daemon {

// A fresh instance of the record's revision: a new id, the environment (fprocess from envProcess,
// the watchdog's timeouts from the one `timeout`; the function's own entries win), limits in
// numbers.
InstanceSpec instance_spec(const FunctionRecord& record);

} // namespace cubeflash::daemon
