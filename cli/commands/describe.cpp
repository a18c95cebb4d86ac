// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/describe.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cubeflash::cli {

namespace {

// Adds a property unless it is empty and nobody asked for empty ones.
class Description {
 public:
  explicit Description(bool verbose) : verbose_(verbose) {}

  void add(const std::string& key, const std::string& value) { properties_.add(key, value); }

  void add(const std::string& key, const std::vector<std::string>& values) {
    if (!values.empty())
      properties_.add(key, values);
    else if (verbose_)
      properties_.add(key, "<none>");
  }

  void add(const std::string& key, const StringMap& map) {
    std::vector<std::string> lines;
    for (const auto& [name, value] : map)
      lines.push_back(fmt::format("{}: {}", name, value));
    add(key, lines);
  }

  void add(const std::string& key, const Resources& resources) {
    std::vector<std::string> lines;
    if (!resources.cpu.empty()) lines.push_back("CPU: " + resources.cpu);
    if (!resources.memory.empty()) lines.push_back("Memory: " + resources.memory);
    add(key, lines);
  }

  void print(std::ostream& out) const { properties_.print(out); }

 private:
  bool verbose_;
  Properties properties_;
};

std::vector<std::string> instance_lines(const std::vector<InstanceStatus>& instances) {
  std::vector<std::string> lines;
  for (const auto& instance : instances) {
    std::string line = fmt::format("{} {}", instance.id, instance.phase);
    if (!instance.reason.empty()) line += fmt::format(" ({})", instance.reason);
    if (instance.restarts > 0) line += fmt::format(", {} restarts", instance.restarts);
    lines.push_back(std::move(line));
  }
  return lines;
}

const char* readiness_word(const FunctionStatus& status) {
  return status.available_replicas > 0 ? "Ready" : "Not Ready";
}

void print_text(const FunctionStatus& status,
                const GatewayClient& client,
                bool verbose,
                Context& context) {
  const auto& spec = status.spec;
  Description text(verbose);
  text.add("Name", spec.name.name);
  text.add("Status", readiness_word(status));
  text.add("Replicas", std::to_string(status.replicas));
  text.add("Available Replicas", std::to_string(status.available_replicas));
  text.add("Invocations", fmt::format("{:.0f}", status.invocation_count));
  text.add("Image", spec.image);
  text.add("Function Process", spec.env_process.empty() ? "<default>" : spec.env_process);
  text.add("URL", function_url(client, spec.name));
  text.add("Async URL", function_url(client, spec.name, "/async-function/"));
  text.add("Labels", spec.labels);
  text.add("Annotations", spec.annotations);
  text.add("Constraints", spec.constraints);
  text.add("Environment", spec.environment);
  text.add("Secrets", spec.secrets);
  text.add("Requests", spec.requests);
  text.add("Limits", spec.limits);
  text.add("Instances", instance_lines(status.instances));
  text.print(context.out);
}

} // namespace

void add_describe(Cli& cli) {
  auto options = std::make_shared<DescribeOptions>();
  CLI::App& command = cli.add("describe", "Show everything about a function");
  command.add_option("function", options->function, "NAME or NAME.NAMESPACE")
      ->required()
      ->type_name("");
  command.add_flag("-v,--verbose", options->verbose, "Show what is empty as well");
  add_json_flag(command, options->json);
  add_api_flags(command, options->api);
  cli.add_yaml_flag(command, "Stack file whose gateway is used", "Gateway");
  command.footer("Examples:\n  cflash describe hello\n  cflash describe hello --json");
  cli.on(command, options, run_describe);
}

int run_describe(const DescribeOptions& options, Context& context) {
  const auto client = connect(options.api, options.stack, context);
  const auto name = named_function(options.function, options.api.space);
  const auto status = client.status(name);
  if (!options.json) {
    print_text(status, client, options.verbose, context);
    return kExitOk;
  }
  auto json = to_json(status);
  json["Status"] = readiness_word(status);
  json["InvocationCount"] = status.invocation_count;
  json["URL"] = function_url(client, status.spec.name);
  json["AsyncURL"] = function_url(client, status.spec.name, "/async-function/");
  context.out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return kExitOk;
}

} // namespace cubeflash::cli
