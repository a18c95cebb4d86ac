// SPDX-License-Identifier: Apache-2.0
// The command line's root: parses, then acts, and turns what went wrong into words and an exit
// code. It refuses to know what any command does.
#pragma once

#include "cli/commands/flags.hpp"
#include "cli/context.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cubeflash::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInterrupted = 130;  // 128 + SIGINT, as shells count
inline constexpr int kExitOutputClosed = 141; // 128 + SIGPIPE: the reader of stdout left

// What the commands are declared on. Callbacks only store the action; it runs once everything has
// been parsed.
class Cli {
 public:
  Cli();
  Cli(const Cli&) = delete;
  Cli& operator=(const Cli&) = delete;

  CLI::App& app() { return app_; }

  // A command of the root, or of a group such as `template`.
  CLI::App& add(const std::string& name, const std::string& description);
  CLI::App& add(CLI::App& group, const std::string& name, const std::string& description);

  // -f, --regex, --filter and --envsubst. The same values before and after the command's name.
  void add_stack_flags(CLI::App& command);

  // -f alone, for commands that take no more than the gateway from the file.
  void add_yaml_flag(CLI::App& command, const std::string& description, const std::string& group);

  template <typename Options>
  void
  on(CLI::App& command, std::shared_ptr<Options> options, int (*run)(const Options&, Context&)) {
    command.callback([this, options, run] {
      if constexpr (requires { options->stack; }) options->stack = stack_;
      action_ = [options, run](Context& context) { return run(*options, context); };
    });
  }

  const std::function<int(Context&)>& action() const { return action_; }

 private:
  CLI::App app_;
  StackFlags stack_;
  std::function<int(Context&)> action_;
};

// Never throws: every failure is printed to context.err and becomes an exit code.
int run(std::vector<std::string> arguments, Context& context);

} // namespace cubeflash::cli
