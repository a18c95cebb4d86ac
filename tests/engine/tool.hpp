// SPDX-License-Identifier: Apache-2.0
// What a test needs of its machine, or says that it is missing.
#pragma once

#include "common/sandbox/sandbox.hpp"
#include "tests/engine/test_image.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace cubeflash::daemon {

inline void skipped(const std::string& reason) {
  if (std::getenv("CFLASH_NO_SKIP") != nullptr) FAIL("must not be skipped: " << reason);
  MESSAGE("SKIPPED: " << reason);
}

inline bool has_watchdog() {
  if (!watchdog_program().empty()) return true;
  skipped("cflash-watchdog is not built");
  return false;
}

inline bool has_sandbox() {
  static const auto probe =
      probe_sandbox(::geteuid() == 0 ? std::optional<uid_t>(400'000) : std::nullopt);
  if (!probe.available) skipped(probe.reason);
  return probe.available;
}

struct Variant {
  std::string name;
  bool sandbox;
};

// How the local engine can run instances here.
inline std::vector<Variant> variants() {
  if (!has_watchdog()) return {};
  std::vector<Variant> found{{"plain", false}};
  if (has_sandbox()) found.insert(found.begin(), {"sandbox", true});
  return found;
}

} // namespace cubeflash::daemon
