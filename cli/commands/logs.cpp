// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/logs.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "common/base/error.hpp"
#include "common/base/time.hpp"

#include <nlohmann/json.hpp>

namespace cubeflash::cli {

namespace {

// The start of the window, in RFC 3339; "" when there is none.
std::string window_start(const LogsOptions& options) {
  if (!options.since.empty() && !options.since_time.empty())
    throw Error(ErrorKind::usage, "--since and --since-time exclude each other");
  if (!options.since_time.empty()) {
    if (!parse_rfc3339(options.since_time))
      throw Error(ErrorKind::usage,
                  fmt::format("--since-time: \"{}\" is not a time", options.since_time),
                  "write it like 2026-01-02T15:04:05Z");
    return options.since_time;
  }
  if (options.since.empty()) return {};
  const auto ago = parse_duration(options.since);
  if (!ago)
    throw Error(ErrorKind::usage,
                fmt::format("--since: \"{}\" is not a duration such as 5m", options.since));
  return format_rfc3339(std::chrono::system_clock::now() - *ago, 9);
}

// The daemon's own text, or without the fraction of the second.
std::string time_text(const std::string& timestamp, const std::string& format) {
  const auto instant = parse_rfc3339(timestamp);
  return instant && format == "RFC3339" ? format_rfc3339(*instant) : timestamp;
}

std::string plain_line(const LogLine& line, const LogsOptions& options) {
  std::string text;
  if (options.time_format != "none") text += time_text(line.timestamp, options.time_format) + ' ';
  if (options.with_name) text += line.function.name + ' ';
  if (options.with_instance) text += '(' + line.instance + ") ";
  return text + line.text;
}

std::string keyvalue_line(const LogLine& line, const LogsOptions& options) {
  std::string text;
  if (options.time_format != "none")
    text += fmt::format("timestamp=\"{}\" ", time_text(line.timestamp, options.time_format));
  if (options.with_name) text += fmt::format("name=\"{}\" ", line.function.name);
  if (options.with_instance) text += fmt::format("instance=\"{}\" ", line.instance);
  return text + fmt::format("text=\"{}\" ", line.text);
}

std::string format_line(const LogLine& line, const LogsOptions& options) {
  if (options.json || options.output == "json")
    return to_json(line).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return options.output == "keyvalue" ? keyvalue_line(line, options) : plain_line(line, options);
}

} // namespace

void add_logs(Cli& cli) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App& command = cli.add("logs", "Show what a function wrote");
  command.add_option("function", options->function, "NAME or NAME.NAMESPACE")
      ->required()
      ->type_name("");
  command.add_option("--since", options->since, "Only what is younger than this")
      ->type_name("DURATION");
  command.add_option("--since-time", options->since_time, "Only what came after this time")
      ->type_name("RFC3339");
  command.add_option("--lines", options->lines, "Only the last lines; -1 is all")
      ->type_name("N")
      ->capture_default_str();
  command.add_flag(
      "-t,--tail", options->follow, "Go on with new lines as they come; --tail=false ends at once");
  command.add_option("-o,--output", options->output, "Form: plain, keyvalue or json")
      ->check(CLI::IsMember({"plain", "keyvalue", "json"}))
      ->type_name("FORM");
  command.add_flag("-j,--json", options->json, "Same as --output json");
  command
      .add_option(
          "--time-format", options->time_format, "Of the time: RFC3339, RFC3339Nano or none")
      ->check(CLI::IsMember({"RFC3339", "RFC3339Nano", "none"}))
      ->type_name("FORMAT");
  command.add_flag("--name", options->with_name, "Show the function's name");
  command.add_flag("--instance", options->with_instance, "Show the instance");
  command.add_option("--only-instance", options->instance, "Only what this instance wrote")
      ->type_name("ID");
  add_api_flags(command, options->api);
  cli.add_yaml_flag(command, "Stack file whose gateway is used", "Gateway");
  command.footer(
      "Examples:\n  cflash logs hello\n  cflash logs hello --since 5m --tail=false -o json");
  cli.on(command, options, run_logs);
}

int run_logs(const LogsOptions& options, Context& context) {
  const auto since = window_start(options);
  const auto client = connect(options.api, options.stack, context);
  LogQuery query;
  query.function = named_function(options.function, options.api.space);
  if (!options.instance.empty()) query.instance = options.instance;
  query.tail = options.lines;
  query.follow = options.follow;
  query.since = since;
  client.logs(query, [&](const LogLine& line) {
    context.out << format_line(line, options) << '\n';
    if (options.follow) context.out.flush();
    return true;
  });
  return kExitOk;
}

} // namespace cubeflash::cli
