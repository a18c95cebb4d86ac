// SPDX-License-Identifier: Apache-2.0
// /system/functions, /system/function/NAME and /system/scale-function/NAME (openfaas-contract §1.2
// to §1.5): parse, call the control plane, reply.
#pragma once

#include "daemon/api/router.hpp"
#include "daemon/control/control_plane.hpp"

namespace cubeflash::daemon {

void add_functions_api(Router& router, ControlPlane& control);

} // namespace cubeflash::daemon
