// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.hpp"

#include "cli/commands/build.hpp"
#include "cli/commands/completion.hpp"
#include "cli/commands/daemon.hpp"
#include "cli/commands/deploy.hpp"
#include "cli/commands/describe.hpp"
#include "cli/commands/invoke.hpp"
#include "cli/commands/list.hpp"
#include "cli/commands/logs.hpp"
#include "cli/commands/new.hpp"
#include "cli/commands/ready.hpp"
#include "cli/commands/remove.hpp"
#include "cli/commands/scale.hpp"
#include "cli/commands/template.hpp"
#include "cli/commands/up.hpp"
#include "cli/commands/version.hpp"

namespace cubeflash::cli {

void add_commands(Cli& cli) {
  add_new(cli);
  add_up(cli);
  add_build(cli);
  add_deploy(cli);
  add_invoke(cli);
  add_list(cli);
  add_describe(cli);
  add_logs(cli);
  add_ready(cli);
  add_scale(cli);
  add_remove(cli);
  add_template(cli);
  add_daemon(cli);
  add_version(cli);
  add_completion(cli);
}

} // namespace cubeflash::cli
