// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/list.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "common/base/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cubeflash::cli {

namespace {

void sort_functions(std::vector<FunctionStatus>& functions, const std::string& by) {
  std::stable_sort(
      functions.begin(), functions.end(), [&](const FunctionStatus& a, const FunctionStatus& b) {
        if (by == "invocations") return a.invocation_count > b.invocation_count;
        if (by == "creation") return a.created_at < b.created_at; // RFC 3339 in UTC sorts as text
        return a.spec.name < b.spec.name;
      });
}

std::string count_text(double count) {
  return fmt::format("{:.0f}", count);
}

void print_brief(const std::vector<FunctionStatus>& functions, Context& context) {
  constexpr auto kRow = "{:<30}\t{:<15}\t{:<5}\n";
  context.out << fmt::format(kRow, "Function", "Invocations", "Replicas");
  for (const auto& function : functions)
    context.out << fmt::format(fmt::runtime(kRow),
                               function.spec.name.name,
                               count_text(function.invocation_count),
                               function.replicas);
}

void print_verbose(const std::vector<FunctionStatus>& functions, Context& context) {
  constexpr auto kRow = "{:<30}\t{:<{}}\t{:<15}\t{:<5}\t{:<5}\n";
  std::size_t width = 40;
  for (const auto& function : functions)
    width = std::max(width, function.spec.image.size());
  context.out << fmt::format(
      kRow, "Function", "Image", width, "Invocations", "Replicas", "CreatedAt");
  for (const auto& function : functions)
    context.out << fmt::format(kRow,
                               function.spec.name.name,
                               function.spec.image,
                               width,
                               count_text(function.invocation_count),
                               function.replicas,
                               function.created_at);
}

void print_json(const std::vector<FunctionStatus>& functions, Context& context) {
  auto array = nlohmann::json::array();
  for (const auto& function : functions)
    array.push_back(to_json(function));
  context.out << array.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

} // namespace

void add_list(Cli& cli) {
  auto options = std::make_shared<ListOptions>();
  CLI::App& command = cli.add("list", "List the functions of a gateway");
  command.alias("ls");
  command.add_flag("-q,--quiet", options->quiet, "Names only");
  command.add_flag("-v,--verbose", options->verbose, "With image and creation time");
  command.add_option("--sort", options->sort, "Order: name, invocations or creation")
      ->check(CLI::IsMember({"name", "invocations", "creation"}))
      ->type_name("KEY");
  add_json_flag(command, options->json);
  add_api_flags(command, options->api);
  cli.add_yaml_flag(command, "Stack file whose gateway is used", "Gateway");
  command.footer("Examples:\n  cflash list\n  cflash list --json | jq '.[].name'");
  cli.on(command, options, run_list);
}

int run_list(const ListOptions& options, Context& context) {
  const auto client = connect(options.api, options.stack, context);
  auto functions = client.list(options.api.space);
  sort_functions(functions, options.sort);
  if (options.json) {
    print_json(functions, context);
  } else if (options.quiet) {
    for (const auto& function : functions)
      context.out << function.spec.name.name << '\n';
  } else if (options.verbose) {
    print_verbose(functions, context);
  } else {
    print_brief(functions, context);
  }
  return kExitOk;
}

} // namespace cubeflash::cli
