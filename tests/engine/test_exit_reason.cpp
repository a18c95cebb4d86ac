// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/exit_reason.hpp"

#include <doctest/doctest.h>

#include <signal.h>

using namespace cubeflash;
using namespace cubeflash::daemon;

TEST_CASE("exit reason: the words for each way to end") {
  struct Row {
    const char* name;
    ExitFacts facts;
    const char* reason;
  };

  const ExitStatus killed(SIGKILL);
  const ExitStatus one(1 << 8);
  const Row rows[] = {
      {"asked for", {.stop_requested = true, .own = killed}, "stopped"},
      {"exit status", {.was_ready = true, .own = one, .last_lines = "noise"}, "exit status 1"},
      {"last words before readiness", {.own = one, .last_lines = "boom"}, "exit status 1: boom"},
      {"bubblewrap's report counts",
       {.was_ready = true, .own = one, .sandbox_exit_code = 4},
       "exit status 4"},
      {"a signal in the sandbox",
       {.was_ready = true, .sandbox_exit_code = 139},
       "killed by signal 11 (Segmentation fault)"},
      {"255 is no signal", {.was_ready = true, .sandbox_exit_code = 255}, "exit status 255"},
      {"the memory limit",
       {.was_ready = true, .own = killed, .out_of_memory_kills = 1, .memory_bytes = 128 << 20},
       "killed by signal 9 (Killed), memory limit 128Mi exceeded"},
      {"an earlier kill of a child is not the reason",
       {.was_ready = true, .own = one, .out_of_memory_kills = 1, .memory_bytes = 128 << 20},
       "exit status 1"},
      {"a limit that no cgroup counts",
       {.own = one, .memory_bytes = 1000, .memory_by_rlimit = true},
       "exit status 1, with a memory limit of 1000 bytes"},
      {"killed by the engine",
       {.failure = "not ready within 60s", .own = killed},
       "not ready within 60s"},
      {"unseen", {.was_ready = true}, "it ended in a way this daemon did not see"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(exit_reason(row.facts) == row.reason);
  }
}
