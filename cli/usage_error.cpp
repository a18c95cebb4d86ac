// SPDX-License-Identifier: Apache-2.0
#include "cli/usage_error.hpp"

#include "common/base/text.hpp"

#include <algorithm>

namespace cubeflash::cli {

namespace {

// The command that the arguments led to, and how a user types it.
struct Place {
  const CLI::App* app;
  std::string typed;
};

Place deepest(const CLI::App& app) {
  Place place{&app, app.get_name()};
  for (;;) {
    const auto parsed = place.app->get_subcommands();
    if (parsed.empty()) return place;
    place.app = parsed.back();
    place.typed += ' ' + place.app->get_name();
  }
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    for (const auto& alias : command->get_aliases())
      names.push_back(alias);
  }
  return names;
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames())
      names.push_back("--" + name);
    for (const auto& name : option->get_snames())
      names.push_back("-" + name);
  }
  return names;
}

// The most specific leftover: a flag before the values that were meant for it.
std::string first_leftover(const CLI::App& app) {
  const auto leftovers = app.remaining(true);
  const auto flag = std::find_if(leftovers.begin(), leftovers.end(), [](const auto& text) {
    return text.size() > 1 && text[0] == '-';
  });
  if (flag != leftovers.end()) return *flag;
  return leftovers.empty() ? std::string() : leftovers.front();
}

} // namespace

Error usage_error(const CLI::App& app, const CLI::ParseError& complaint) {
  const Place place = deepest(app);
  const std::string hint = fmt::format("{} --help shows what it takes", place.typed);
  const std::string leftover = first_leftover(app);
  if (leftover.empty()) return {ErrorKind::usage, complaint.what(), hint};
  if (leftover[0] == '-') {
    const auto name = leftover.substr(0, leftover.find('='));
    return {ErrorKind::usage,
            fmt::format("unknown flag \"{}\"{}", name, did_you_mean(name, flag_names(*place.app))),
            hint};
  }
  const auto commands = command_names(*place.app);
  if (!commands.empty())
    return {ErrorKind::usage,
            fmt::format("unknown command \"{}\"{}", leftover, did_you_mean(leftover, commands)),
            fmt::format("{} --help lists the commands", place.typed)};
  return {ErrorKind::usage, fmt::format("unexpected argument \"{}\"", leftover), hint};
}

} // namespace cubeflash::cli
