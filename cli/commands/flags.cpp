// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/flags.hpp"

#include "common/base/time.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cubeflash::cli {

void add_api_flags(CLI::App& command, ApiFlags& flags) {
  const std::string group = "Gateway";
  command.add_option("-g,--gateway", flags.gateway, "Address of the gateway")
      ->type_name("URL")
      ->group(group);
  command.add_option("-n,--namespace", flags.space, "Namespace of the function")
      ->type_name("NS")
      ->group(group);
  command.add_option("-k,--token", flags.token, "Bearer token; CFLASH_TOKEN is safer")
      ->type_name("TOKEN")
      ->group(group);
  command.add_flag("--tls-no-verify", flags.tls_no_verify, "Do not check the server's certificate")
      ->group(group);
}

void add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("-j,--json", json, "Print JSON");
}

CLI::Option* add_list_option(CLI::App& command,
                             const std::string& names,
                             std::vector<std::string>& values,
                             const std::string& description,
                             const std::string& type) {
  return command.add_option(names, values, description)->type_name(type)->allow_extra_args(false);
}

CLI::Option* add_duration_option(CLI::App& command,
                                 const std::string& names,
                                 std::chrono::milliseconds& value,
                                 const std::string& description) {
  const auto parse = [&value](const std::string& text) {
    const auto parsed = parse_duration(text);
    if (parsed) value = *parsed;
    return parsed.has_value();
  };
  return command
      .add_option_function<std::string>(
          names,
          [parse, names](const std::string& text) {
            if (!parse(text))
              throw CLI::ValidationError(
                  names.substr(names.rfind(',') + 1),
                  fmt::format("\"{}\" is not a duration such as 30s or 1m30s", text));
          },
          description)
      ->type_name("DURATION")
      ->default_str(format_duration(value));
}

} // namespace cubeflash::cli
