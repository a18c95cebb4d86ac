// SPDX-License-Identifier: Apache-2.0
// Runs one step of a template over a build context: in the sandbox, with a deadline, its output in
// the log.
#pragma once

#include "cli/build/build_inputs.hpp"
#include "cli/build/step_log.hpp"
#include "common/base/error.hpp"
#include "common/sandbox/sandbox.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>

namespace cubeflash::cli {

class StepRunner {
 public:
  struct Settings {
    std::string function; // for messages
    std::filesystem::path context;
    std::filesystem::path cache; // shared by all builds of this account; made when missing
    bool sandboxed = true;
    std::chrono::milliseconds timeout{600'000};
    const std::atomic<bool>* cancelled = nullptr;
  };

  // `inputs` and `log` outlive it.
  StepRunner(Settings settings, const BuildInputs& inputs, StepLog& log);

  // Throws Error(failed | timeout | not_found).
  void run(const BuildStep& step);

  // As template.yml has it: the value of a build argument may be a secret.
  static std::string describe(const BuildStep& step);

 private:
  Command command(const BuildStep& step) const;
  void wait(Process process, Fd output, const std::string& described);
  [[noreturn]] void
  fail(ErrorKind kind, const std::string& described, const std::string& how) const;

  Settings settings_;
  const BuildInputs& inputs_;
  StepLog& log_;
};

} // namespace cubeflash::cli
