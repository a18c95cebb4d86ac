// SPDX-License-Identifier: Apache-2.0
// cflash template: the languages there are, and how to get more.
#pragma once

#include "cli/context.hpp"

#include <string>

namespace cubeflash::cli {

class Cli;

struct TemplateListOptions {
  bool json = false;
};

struct TemplatePullOptions {
  std::string source;
  bool overwrite = true;
};

void add_template(Cli& cli);
int run_template_list(const TemplateListOptions& options, Context& context);
int run_template_pull(const TemplatePullOptions& options, Context& context);

} // namespace cubeflash::cli
