// SPDX-License-Identifier: Apache-2.0
#include "cli/function_file.hpp"

#include "cli/stack/stack_file.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cubeflash::cli {

namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@-";

// Plain when that is certainly a string; else in double quotes, where YAML understands JSON's
// escapes.
std::string scalar(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(kPlain) == std::string::npos &&
                     text.back() != ':' && text.front() != '-' && text.front() != '@';
  return plain
             ? text
             : nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string resources_text(const char* key, const Resources& resources, const std::string& indent) {
  if (resources.empty()) return {};
  std::string text = fmt::format("{}{}:\n", indent, key);
  if (!resources.memory.empty())
    text += fmt::format("{}  memory: {}\n", indent, scalar(resources.memory));
  if (!resources.cpu.empty()) text += fmt::format("{}  cpu: {}\n", indent, scalar(resources.cpu));
  return text;
}

std::string entry_text(const NewFunction& function, const std::string& indent) {
  const std::string inner = indent + "  ";
  return fmt::format("{0}{1}:\n{2}lang: {3}\n{2}handler: {4}\n{2}image: {5}\n",
                     indent,
                     function.name,
                     inner,
                     scalar(function.lang),
                     scalar(function.handler),
                     scalar(function.image)) +
         resources_text("limits", function.limits, inner) +
         resources_text("requests", function.requests, inner);
}

bool is_blank_or_comment(std::string_view line) {
  const auto content = trim(line);
  return content.empty() || content.front() == '#';
}

bool is_indented(std::string_view line) {
  return !line.empty() && (line.front() == ' ' || line.front() == '\t');
}

// Where the block of `functions:` ends, and how its entries are indented.
struct FunctionsBlock {
  std::size_t end = 0; // line after its last one
  std::string indent = "  ";
};

std::optional<FunctionsBlock> find_functions(const std::vector<std::string>& lines) {
  const auto head = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.rfind("functions:", 0) == 0 &&
           is_blank_or_comment(std::string_view(line).substr(10));
  });
  if (head == lines.end()) return std::nullopt;
  FunctionsBlock block;
  block.end = static_cast<std::size_t>(head - lines.begin()) + 1;
  bool first = true;
  for (std::size_t i = block.end; i < lines.size(); ++i) {
    if (is_blank_or_comment(lines[i])) continue;
    if (!is_indented(lines[i])) break;
    if (first) block.indent = lines[i].substr(0, lines[i].find_first_not_of(' '));
    first = false;
    block.end = i + 1;
  }
  return block;
}

StackFile parse(std::string_view text, const std::string& path) {
  const auto environment = [](const std::string& name) {
    return environment_variable(name.c_str());
  };
  return parse_stack(substitute_environment(text, environment, path),
                     path,
                     std::filesystem::path(path).parent_path());
}

[[noreturn]] void cannot_append(const std::string& path) {
  throw Error(
      ErrorKind::invalid,
      fmt::format("{}: cannot tell where to add a function", path),
      "write its functions as an indented block below \"functions:\", or add the function by hand");
}

} // namespace

std::string new_stack_text(const NewFunction& function, const std::string& gateway) {
  return fmt::format("version: 1.0\nprovider:\n  name: openfaas\n  gateway: {}\nfunctions:\n",
                     scalar(gateway)) +
         entry_text(function, "  ");
}

std::string
append_to_stack(std::string_view text, const NewFunction& function, const std::string& path) {
  const auto before = parse(text, path);
  if (const auto* taken = before.find(function.name))
    throw Error(ErrorKind::conflict,
                fmt::format("{}: function \"{}\" exists already", taken->where, function.name));
  auto lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  const auto block = find_functions(lines);
  if (!block) cannot_append(path);
  std::string added;
  for (std::size_t i = 0; i < block->end; ++i)
    added += lines[i] + '\n';
  added += entry_text(function, block->indent);
  for (std::size_t i = block->end; i < lines.size(); ++i)
    added += lines[i] + '\n';
  try {
    const auto after = parse(added, path);
    if (after.functions.size() == before.functions.size() + 1 &&
        after.find(function.name) != nullptr)
      return added;
  } catch (const Error&) {
    // Valid before, broken after: the layout is one that adding lines cannot serve.
  }
  cannot_append(path);
}

std::string with_ignored(std::string_view text, const std::vector<std::string>& lines) {
  const auto present = split(text, '\n');
  const auto has = [&](const std::string& wanted) {
    return std::any_of(present.begin(), present.end(), [&](const std::string& line) {
      auto entry = trim(line);
      if (!entry.empty() && entry.front() == '/') entry.remove_prefix(1);
      if (!entry.empty() && entry.back() == '/') entry.remove_suffix(1);
      return entry == wanted;
    });
  };
  std::string result(text);
  if (!result.empty() && result.back() != '\n') result += '\n';
  for (const auto& line : lines)
    if (!has(line)) result += line + '\n';
  return result;
}

} // namespace cubeflash::cli
