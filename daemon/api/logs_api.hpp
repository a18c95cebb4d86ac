// SPDX-License-Identifier: Apache-2.0
// /system/logs (openfaas-contract §1.7): ndjson, the tail and then, with follow, every new line
// until the client leaves.
#pragma once

#include "daemon/api/router.hpp"
#include "daemon/control/control_plane.hpp"
#include "daemon/logs/log_store.hpp"

namespace cubeflash::daemon {

void add_logs_api(Router& router, ControlPlane& control, LogStore& logs);

} // namespace cubeflash::daemon
