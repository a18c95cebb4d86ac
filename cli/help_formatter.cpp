// SPDX-License-Identifier: Apache-2.0
#include "cli/help_formatter.hpp"

#include <utility>

namespace cubeflash::cli {

namespace {

constexpr std::size_t kColumn = 34;

// CLI11 appends the descriptions of a value's checks, each after a colon.
std::string value_name(const CLI::Option& option) {
  const auto text = option.get_type_name();
  for (std::size_t at = 0; (at = text.find(':', at)) != std::string::npos; ++at)
    if (at + 1 < text.size() && text[at + 1] != ' ') return text.substr(0, at);
  return text;
}

} // namespace

HelpFormatter::HelpFormatter() {
  column_width(kColumn);
  label("SUBCOMMAND", "COMMAND");
}

std::string
HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  return CLI::detail::find_and_replace(
      CLI::Formatter::make_help(app, std::move(name), mode), "\n\n\n", "\n\n");
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0 || option->get_positional()) return {};
  const auto name = value_name(*option);
  const auto fallback = option->get_default_str();
  return (name.empty() ? "" : ' ' + name) + (fallback.empty() ? "" : '=' + fallback);
}

} // namespace cubeflash::cli
