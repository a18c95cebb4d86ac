// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/exit_reason.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <utility>

namespace cubeflash::daemon {

namespace {

// wait(2) statuses: the exit code in the second byte, or the signal in the first.
ExitStatus from_sandbox(int code) {
  return ExitStatus(code > 128 && code < 128 + NSIG ? code - 128 : code << 8);
}

// "128Mi"
std::string memory_text(std::int64_t bytes) {
  static constexpr std::pair<std::int64_t, const char*> kUnits[]{
      {1 << 30, "Gi"}, {1 << 20, "Mi"}, {1 << 10, "Ki"}};
  for (const auto& [unit, name] : kUnits)
    if (bytes >= unit && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
  return fmt::format("{} bytes", bytes);
}

} // namespace

std::string exit_reason(const ExitFacts& facts) {
  if (facts.stop_requested) return "stopped";
  std::optional<ExitStatus> status = facts.own;
  if (facts.sandbox_exit_code) status = from_sandbox(*facts.sandbox_exit_code);
  std::string reason = facts.failure;
  if (reason.empty())
    reason = status ? status->describe() : "it ended in a way this daemon did not see";
  const bool killed = !facts.failure.empty() || !status || status->signal() == SIGKILL;
  const std::string limit = facts.memory_bytes ? memory_text(*facts.memory_bytes) : "";
  if (facts.out_of_memory_kills > 0 && !limit.empty() && (killed || !facts.was_ready))
    reason += fmt::format(", memory limit {} exceeded", limit);
  else if (facts.memory_by_rlimit && !limit.empty() && !facts.was_ready)
    reason += fmt::format(", with a memory limit of {}", limit);
  if (!facts.was_ready && !facts.last_lines.empty()) reason += ": " + facts.last_lines;
  return reason;
}

} // namespace cubeflash::daemon
