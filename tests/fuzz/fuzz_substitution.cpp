// SPDX-License-Identifier: Apache-2.0
#include "cli/stack/stack_file.hpp"
#include "common/base/error.hpp"
#include "tests/fuzz/targets.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace cubeflash::tests {

void fuzz_substitution(std::string_view input) {
  const cli::EnvironmentLookup environment =
      [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "a/b.c.tar.gz";
    if (name == "L") return std::string(10'000, 'x');
    if (name == "U") return "Gr\xC3\xBC\xC3\x9F\xFF";
    return std::nullopt;
  };
  try {
    const auto output = cli::substitute_environment(input, environment, "stack.yml");
    const bool plain = input.find_first_of("$\\") == std::string_view::npos;
    if (output.size() > (4U << 20U) || (plain && output != input)) {
      std::fprintf(stderr, "broken promise: bounded, and plain text stays\n");
      std::abort();
    }
  } catch (const Error&) {
  }
}

} // namespace cubeflash::tests

#ifdef CF_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cubeflash::tests::fuzz_substitution({reinterpret_cast<const char*>(data), size});
  return 0;
}
#endif
