// SPDX-License-Identifier: Apache-2.0
#include "cli/completion_script.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace cubeflash::cli {

namespace {

// One command of the tree as a shell needs it.
struct Completed {
  std::string path; // "" for the root, "template pull"
  std::string description;
  std::vector<std::string> words; // subcommands and aliases
  std::vector<const CLI::Option*> flags;
  bool takes_function = false;
};

std::vector<const CLI::App*> children(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> flags_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

bool names_function(const CLI::App& app) {
  const auto positionals =
      app.get_options([](const CLI::Option* option) { return option->get_positional(); });
  return std::any_of(positionals.begin(), positionals.end(), [](const auto* option) {
    return option->get_name(true, false) == "function";
  });
}

void collect(const CLI::App& app, const std::string& path, std::vector<Completed>& all) {
  Completed entry{path, app.get_description(), {}, flags_of(app), names_function(app)};
  for (const auto* child : children(app)) {
    entry.words.push_back(child->get_name());
    for (const auto& alias : child->get_aliases())
      entry.words.push_back(alias);
  }
  all.push_back(std::move(entry));
  for (const auto* child : children(app)) {
    collect(*child, path.empty() ? child->get_name() : path + ' ' + child->get_name(), all);
    for (const auto& alias : child->get_aliases())
      collect(*child, path.empty() ? alias : path + ' ' + alias, all);
  }
}

std::vector<std::string> flag_words(const Completed& entry) {
  std::vector<std::string> words;
  for (const auto* flag : entry.flags) {
    for (const auto& name : flag->get_lnames())
      words.push_back("--" + name);
    for (const auto& name : flag->get_snames())
      words.push_back("-" + name);
  }
  return words;
}

bool takes_file(const CLI::Option& flag) {
  return flag.get_type_name() == "FILE" || flag.get_type_name() == "DIR" ||
         flag.get_type_name() == "PATH";
}

// bash and zsh share one function: zsh runs it through bashcompinit.
std::string bash_script(const std::vector<Completed>& all) {
  std::string words;
  std::string flags;
  std::string functions;
  for (const auto& entry : all) {
    if (!entry.words.empty())
      words += fmt::format("    '{}') words='{}' ;;\n", entry.path, fmt::join(entry.words, " "));
    flags +=
        fmt::format("    '{}') flags='{}' ;;\n", entry.path, fmt::join(flag_words(entry), " "));
    if (entry.takes_function)
      functions += fmt::format("{}'{}'", functions.empty() ? "" : "|", entry.path);
  }
  std::vector<std::string> files;
  for (const auto& entry : all)
    for (const auto* flag : entry.flags)
      if (takes_file(*flag))
        for (const auto& name : flag->get_lnames())
          if (std::find(files.begin(), files.end(), "--" + name) == files.end())
            files.push_back("--" + name);
  return fmt::format(
      R"(# Completion of cflash for bash. Use it with: source <(cflash completion --shell bash)
_cflash() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local place='' words='' flags='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    _cflash_words "$place"
    case " $words " in *" ${{COMP_WORDS[i]}} "*) place="${{place:+$place }}${{COMP_WORDS[i]}}" ;; esac
  done
  case $previous in
    -f|{}) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
  esac
  _cflash_words "$place"
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
    return
  fi
  case $place in
    {}) words=$(cflash list -q 2>/dev/null) ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}

_cflash_words() {{
  words='' flags=''
  case $1 in
{}  esac
  case $1 in
{}  esac
}}

complete -o default -F _cflash cflash
)",
      fmt::join(files, "|"),
      functions,
      words,
      flags);
}

std::string zsh_script(const std::vector<Completed>& all) {
  auto script = bash_script(all);
  script.erase(0, script.find('\n') + 1);
  // zsh's arrays start at 1 and it has no mapfile; ksh's rules and read serve both.
  std::string::size_type at = 0;
  const std::string from = "mapfile -t COMPREPLY < <(";
  const std::string to = "COMPREPLY=($(";
  while ((at = script.find(from, at)) != std::string::npos) {
    const auto end = script.find_first_of(";\n", at);
    auto line = script.substr(at + from.size(), end - at - from.size());
    line.pop_back(); // the closing parenthesis of <( )
    script.replace(at, end - at, to + line + "))");
    at += to.size();
  }
  return "#compdef cflash\n# Completion of cflash for zsh. Use it with: source <(cflash completion "
         "--shell zsh)\n"
         "autoload -U +X compinit && compinit -u\nautoload -U +X bashcompinit && bashcompinit\n" +
         script;
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2)
    text.insert(at, 1, '\\');
  return '\'' + text + '\'';
}

// The condition under which a line of fish holds: this command, and none below it.
std::string fish_condition(const Completed& entry) {
  if (entry.path.empty()) return "__fish_use_subcommand";
  std::string condition;
  std::string_view rest = entry.path;
  while (!rest.empty()) {
    const auto blank = rest.find(' ');
    condition += fmt::format("{}__fish_seen_subcommand_from {}",
                             condition.empty() ? "" : "; and ",
                             rest.substr(0, blank));
    rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank + 1);
  }
  return condition;
}

std::string fish_script(const std::vector<Completed>& all) {
  std::string script = "# Completion of cflash for fish. Use it with: cflash completion --shell "
                       "fish | source\ncomplete -c cflash -f\n";
  for (const auto& entry : all) {
    const auto condition = quoted(fish_condition(entry));
    if (!entry.words.empty())
      script += fmt::format("complete -c cflash -n {} -a {}\n",
                            condition,
                            quoted(fmt::format("{}", fmt::join(entry.words, " "))));
    if (entry.takes_function)
      script +=
          fmt::format("complete -c cflash -n {} -a '(cflash list -q 2>/dev/null)'\n", condition);
    for (const auto* flag : entry.flags) {
      std::string names;
      for (const auto& name : flag->get_lnames())
        names += " -l " + name;
      for (const auto& name : flag->get_snames())
        names += " -s " + name;
      const char* value = flag->get_items_expected_max() == 0 ? ""
                          : takes_file(*flag)                 ? " -rF"
                                                              : " -x";
      script += fmt::format("complete -c cflash -n {}{}{} -d {}\n",
                            condition,
                            names,
                            value,
                            quoted(flag->get_description()));
    }
  }
  return script;
}

} // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Completed> all;
  collect(app, "", all);
  if (shell == "fish") return fish_script(all);
  return shell == "zsh" ? zsh_script(all) : bash_script(all);
}

} // namespace cubeflash::cli
