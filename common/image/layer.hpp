// SPDX-License-Identifier: Apache-2.0
// One layer of an image put over those below it (image-spec, layer.md). It refuses to know about
// manifests and stores.
#pragma once

#include "common/image/archive.hpp"

#include <filesystem>

namespace cubeflash {

// Like extract_archive, and beyond it: whiteouts hide what lower layers brought, a file may replace
// a directory, modes become 0755 and 0644. `left` is shared by the layers of an image and shrinks.
void apply_layer(const std::filesystem::path& layer,
                 const std::filesystem::path& root,
                 ExtractLimits& left);

} // namespace cubeflash
