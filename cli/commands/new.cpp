// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/new.hpp"

#include "cli/build/template_store.hpp"
#include "cli/cli.hpp"
#include "cli/function_file.hpp"
#include "cli/gateway_address.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"
#include "common/image/oci_layout.hpp"

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kIgnored{"template", "build", ".secrets"};

int list_templates(Context& context) {
  context.out << "Languages available as templates:\n";
  for (const auto& language : TemplateStore(".").list())
    context.out << "- " << language.name << '\n';
  return kExitOk;
}

// The stack file to write, and what stood in it; empty for a new one.
struct Target {
  fs::path file;
  std::string old_text;
  bool existed = false;
};

Target choose_target(const NewOptions& options) {
  if (!options.append.empty()) {
    if (!fs::exists(options.append))
      throw Error(ErrorKind::not_found,
                  fmt::format("--append: there is no {}", options.append),
                  "without --append a new stack.yaml is written");
    return {options.append, read_file(options.append, 4U << 20U), true};
  }
  const fs::path file = options.stack.yaml.empty() ? "stack.yaml" : options.stack.yaml;
  for (const auto& taken : {file, fs::path(options.stack.yaml.empty() ? "stack.yml" : file)})
    if (fs::exists(taken))
      throw Error(ErrorKind::conflict,
                  fmt::format("there is a {} already", taken.string()),
                  fmt::format("add the function to it with --append {}", taken.string()));
  return {file, {}, false};
}

NewFunction describe_function(const NewOptions& options) {
  NewFunction function{.name = options.name,
                       .lang = options.lang,
                       .handler = options.handler.empty() ? "./" + options.name : options.handler,
                       .image = options.name + ":latest",
                       .limits = options.limits,
                       .requests = options.requests};
  auto prefix = options.prefix.empty() ? environment_variable("OPENFAAS_PREFIX").value_or("")
                                       : options.prefix;
  while (!prefix.empty() && prefix.back() == '/')
    prefix.pop_back();
  if (!prefix.empty()) function.image = prefix + '/' + function.image;
  with_context("image", [&] { ImageReference::parse(function.image); });
  FunctionSpec spec;
  spec.name.name = function.name;
  spec.image = function.image;
  spec.limits = function.limits;
  spec.requests = function.requests;
  validate(spec);
  return function;
}

Template find_template(const NewOptions& options, const Target& target, Context& context) {
  const TemplateStore store(".");
  try {
    return store.find(options.lang);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found || !target.existed) throw;
    const auto name = options.lang.substr(0, options.lang.find('@'));
    StackOptions where;
    where.file = target.file.string();
    const auto stack = load_stack(where);
    const auto source =
        std::find_if(stack.templates.begin(), stack.templates.end(), [&](const auto& entry) {
          return entry.name == name && !entry.source.empty();
        });
    if (source == stack.templates.end()) throw;
    if (!options.quiet)
      context.err << fmt::format("Pulling template {} from {}\n", name, source->source);
    store.pull(source->source, false, {name});
    return store.find(options.lang);
  }
}

// The template's sample, whole or not at all: copied beside its place, then renamed. The owner's
// alone.
void create_handler(const Template& language, const fs::path& handler) {
  const auto target = fs::absolute(handler).lexically_normal();
  TemporaryDirectory fresh(target.parent_path(), ".cflash-new-");
  const auto sample = language.directory / language.handler_folder;
  std::error_code failure;
  if (fs::is_directory(sample))
    fs::copy(sample,
             fresh.path(),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks,
             failure);
  if (failure) throw SystemError(failure.value(), "copying {}", sample.string());
  fs::permissions(fresh.path(), fs::perms::owner_all);
  fs::rename(fresh.path(), target, failure); // refuses a target that is not empty
  if (failure) throw SystemError(failure.value(), "creating {}", handler.string());
  fresh.release();
}

void refuse_existing(const fs::path& written) {
  const auto handler = written.lexically_normal();
  if (fs::symlink_status(handler).type() != fs::file_type::not_found)
    throw Error(ErrorKind::conflict,
                fmt::format("there is a {} already", handler.string()),
                "choose another name, or another folder with --handler");
  const auto parent = fs::absolute(handler).lexically_normal().parent_path();
  if (!fs::is_directory(parent))
    throw Error(ErrorKind::not_found,
                fmt::format("--handler: there is no folder {}", parent.string()));
}

void ignore_what_is_made() {
  const fs::path file = ".gitignore";
  const auto old_text = fs::exists(file) ? read_file(file, 4U << 20U) : std::string();
  const auto text = with_ignored(old_text, kIgnored);
  if (text != old_text) write_file_atomic(file, text);
}

// Folder, stack file and .gitignore, or nothing of them.
void write_everything(const Template& language,
                      const NewFunction& function,
                      const Target& target,
                      const std::string& text) {
  create_handler(language, function.handler);
  bool stack_written = false;
  try {
    write_file_atomic(target.file, text);
    stack_written = true;
    ignore_what_is_made();
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(function.handler, ignored);
    if (stack_written && target.existed) write_file_atomic(target.file, target.old_text);
    if (stack_written && !target.existed) fs::remove(target.file, ignored);
    throw;
  }
}

} // namespace

void add_new(Cli& cli) {
  auto options = std::make_shared<NewOptions>();
  CLI::App& command = cli.add("new", "Create a function from a template");
  command.add_option("name", options->name, "Name of the function")->type_name("");
  command.add_option("--lang", options->lang, "Template to start from; --list shows them")
      ->type_name("TEMPLATE");
  command.add_flag("--list", options->list, "List the templates");
  command
      .add_option("-p,--prefix",
                  options->prefix,
                  "In front of the image's name, such as a registry's user; else OPENFAAS_PREFIX")
      ->type_name("PREFIX");
  command.add_option("--handler", options->handler, "Folder for the code; default ./NAME")
      ->type_name("DIR");
  command.add_option("-a,--append", options->append, "Add the function to this stack file")
      ->type_name("FILE");
  command.add_option("-g,--gateway", options->gateway, "Gateway to write into the stack file")
      ->type_name("URL");
  command.add_option("--memory-limit", options->limits.memory, "Limit such as 128Mi")
      ->type_name("SIZE");
  command.add_option("--cpu-limit", options->limits.cpu, "Limit such as 100m")->type_name("CPU");
  command.add_option("--memory-request", options->requests.memory, "Reservation such as 64Mi")
      ->type_name("SIZE");
  command.add_option("--cpu-request", options->requests.cpu, "Reservation such as 50m")
      ->type_name("CPU");
  command.add_flag("-q,--quiet", options->quiet, "Say nothing");
  cli.add_yaml_flag(command, "Stack file to write; default stack.yaml", "Options");
  command.footer("Examples:\n  cflash new hello --lang python3\n  cflash new second --lang node "
                 "--append stack.yaml");
  cli.on(command, options, run_new);
}

int run_new(const NewOptions& options, Context& context) {
  if (options.list) return list_templates(context);
  if (options.name.empty())
    throw Error(
        ErrorKind::usage, "the function's name is missing", "cflash new NAME --lang TEMPLATE");
  validate_name(options.name, "function name");
  if (options.lang.empty())
    throw Error(ErrorKind::usage, "--lang is missing", "cflash template list shows the choice");
  const auto function = describe_function(options);
  const auto target = choose_target(options);
  refuse_existing(function.handler);
  const auto gateway =
      options.gateway.empty() ? std::string(kDefaultGateway) : normalise_gateway(options.gateway);
  const auto text = target.existed
                        ? append_to_stack(target.old_text, function, target.file.string())
                        : new_stack_text(function, gateway);
  const auto language = find_template(options, target, context);
  write_everything(language, function, target, text);
  if (options.quiet) return kExitOk;
  context.out << fmt::format("Function created in folder: {}\n",
                             fs::path(function.handler).lexically_normal().string());
  context.out << fmt::format(
      "Stack file {}: {}\n", target.existed ? "updated" : "written", target.file.string());
  if (!language.welcome_message.empty())
    context.out << "\nNotes:\n" << trim(language.welcome_message) << '\n';
  const auto file = target.file.string();
  context.err << "\nNext: cflash up"
              << (file == "stack.yaml" || file == "stack.yml" ? "" : " -f " + file) << '\n';
  return kExitOk;
}

} // namespace cubeflash::cli
