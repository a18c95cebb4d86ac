// SPDX-License-Identifier: Apache-2.0
// What the fuzzers feed, one function a parser. Each returns for every input, or ends the program:
// an exception other than Error, a broken promise, a crash or a hang is a finding.
#pragma once

#include <string_view>

namespace cubeflash::tests {

void fuzz_stack(std::string_view input);
void fuzz_substitution(std::string_view input);

} // namespace cubeflash::tests
