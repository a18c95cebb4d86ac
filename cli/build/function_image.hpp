// SPDX-License-Identifier: Apache-2.0
// A built context as an OCI image layout: one reproducible layer with the function and the
// watchdog. It refuses to know how the context came to be.
#pragma once

#include "cli/build/build_inputs.hpp"

#include <filesystem>
#include <string>

namespace cubeflash::cli {

// Names the digest of a build's inputs in the manifest.
inline constexpr const char* kInputsAnnotation = "dev.cubeflash.inputs";

// Writes the layout into `directory`, which must not exist; the manifest's digest. Throws
// Error(failed) when the template's `output` matches nothing, Error(invalid) for what cannot be in
// an image.
std::string write_image(const BuildRequest& request,
                        const BuildInputs& inputs,
                        const std::string& inputs_digest,
                        const std::filesystem::path& context,
                        const std::filesystem::path& directory);

// The manifest's digest of the complete image that was built from these inputs; empty when there is
// none.
std::string find_image(const std::filesystem::path& directory, const std::string& inputs_digest);

} // namespace cubeflash::cli
