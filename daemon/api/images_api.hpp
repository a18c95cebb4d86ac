// SPDX-License-Identifier: Apache-2.0
// /v2/: the part of the OCI distribution specification that a push needs (spec.md, "Push":
// monolithic uploads).
#pragma once

#include "daemon/api/router.hpp"
#include "daemon/images/image_store.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace cubeflash::daemon {

void add_images_api(Router& router, ImageStore& images, asio::any_io_executor pool);

} // namespace cubeflash::daemon
