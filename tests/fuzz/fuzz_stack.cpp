// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/stack_file.hpp"
#include "common/base/error.hpp"
#include "tests/fuzz/targets.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace cubeflash::tests {

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

} // namespace

void fuzz_stack(std::string_view input) {
  try {
    const auto stack = cli::parse_stack(input, "stack.yml", "/nowhere");
    require(!stack.functions.empty(), "a stack file that was accepted has functions");
    for (const auto& function : stack.functions) {
      require(!function.image.empty(), "a function has an image");
      require(function.where.starts_with("stack.yml:"), "a function knows its place");
      // The daemon must not refuse what the CLI has accepted.
      validate(function.to_spec(""));
    }
  } catch (const Error& error) {
    require(error.what()[0] != '\0', "an error says something");
  }
}

} // namespace cubeflash::tests

#ifdef CF_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cubeflash::tests::fuzz_stack({reinterpret_cast<const char*>(data), size});
  return 0;
}
#endif
