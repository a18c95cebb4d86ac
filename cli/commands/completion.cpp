// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/completion.hpp"

#include "cli/cli.hpp"
#include "cli/completion_script.hpp"

namespace cubeflash::cli {

void add_completion(Cli& cli) {
  auto options = std::make_shared<CompletionOptions>();
  CLI::App& command = cli.add("completion", "Print a completion script for a shell");
  command.add_option("--shell", options->shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  command.footer("Examples:\n  source <(cflash completion --shell bash)");
  cli.on(command, options, run_completion);
}

int run_completion(const CompletionOptions& options, Context& context) {
  Cli cli; // the declarations are the source; nothing is parsed
  context.out << completion_script(cli.app(), options.shell);
  return kExitOk;
}

} // namespace cubeflash::cli
