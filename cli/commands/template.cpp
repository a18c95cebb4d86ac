// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/template.hpp"

#include "cli/build/template_store.hpp"
#include "cli/cli.hpp"
#include "cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cubeflash::cli {

void add_template(Cli& cli) {
  CLI::App& group = cli.add("template", "List templates, or pull more");
  group.require_subcommand(1);
  group.footer("Examples:\n  cflash template list");
  auto list = std::make_shared<TemplateListOptions>();
  CLI::App& list_command = cli.add(group, "list", "List the templates that are here");
  list_command.alias("ls");
  list_command.add_flag("-j,--json", list->json, "Print JSON");
  list_command.footer("Examples:\n  cflash template list --json");
  cli.on(list_command, list, run_template_list);
  auto pull = std::make_shared<TemplatePullOptions>();
  CLI::App& pull_command = cli.add(group, "pull", "Copy templates into ./template");
  pull_command.add_option("source", pull->source, "Git URL (#branch allowed), folder or archive")
      ->required()
      ->type_name("");
  pull_command.add_flag(
      "--overwrite", pull->overwrite, "Replace those that are there; --overwrite=false keeps them");
  pull_command.footer("Examples:\n  cflash template pull ../our-templates\n  cflash template pull "
                      "https://git.example.com/templates.git#v2");
  cli.on(pull_command, pull, run_template_pull);
}

int run_template_list(const TemplateListOptions& options, Context& context) {
  const auto templates = TemplateStore(".").list();
  if (options.json) {
    auto array = nlohmann::json::array();
    for (const auto& entry : templates)
      array.push_back({{"name", entry.name},
                       {"language", entry.language},
                       {"description", entry.description},
                       {"origin", entry.origin},
                       {"native", entry.has_native}});
    context.out << array.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    return kExitOk;
  }
  Table table({"NAME", "LANGUAGE", "DESCRIPTION", "ORIGIN"});
  for (const auto& entry : templates)
    table.add({entry.name, entry.language, entry.description, entry.origin});
  table.print(context.out);
  return kExitOk;
}

int run_template_pull(const TemplatePullOptions& options, Context& context) {
  const auto pulled = TemplateStore(".").pull(options.source, options.overwrite);
  for (const auto& name : pulled.added)
    context.out << "Added: " << name << '\n';
  for (const auto& name : pulled.skipped)
    context.out << "Kept: " << name << '\n';
  if (!pulled.added.empty())
    context.err << fmt::format("Next: cflash new NAME --lang {}\n", pulled.added.front());
  return kExitOk;
}

} // namespace cubeflash::cli
