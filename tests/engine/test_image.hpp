// SPDX-License-Identifier: Apache-2.0
// A small real image in a real store: the watchdog and the test program that becomes it.
#pragma once

#include "daemon/images/image_store.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cubeflash::daemon {

// The built watchdog; empty when it is not there.
std::filesystem::path watchdog_program();

// Pushes an image and returns its digest. `extra` are empty files to add, by path in the image.
std::string push_test_image(ImageStore& store,
                            const std::vector<std::string>& entrypoint = {"/home/app/behave"},
                            const std::vector<std::string>& extra = {});

} // namespace cubeflash::daemon
