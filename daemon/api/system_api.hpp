// SPDX-License-Identifier: Apache-2.0
// /system/info (openfaas-contract §1.9).
#pragma once

#include "daemon/api/router.hpp"

#include <string>

namespace cubeflash::daemon {

void add_system_api(Router& router, std::string engine);

} // namespace cubeflash::daemon
