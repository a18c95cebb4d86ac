// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/build.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "common/base/error.hpp"

namespace cubeflash::cli {

namespace {

// As if a stack file in the current directory had said so.
StackFile single_stack(const SingleFunction& single) {
  if (single.name.empty() || single.lang.empty() || single.handler.empty())
    throw Error(ErrorKind::usage,
                "without a stack file, --name, --lang and --handler are needed",
                "write a stack file with: cflash new NAME --lang TEMPLATE");
  validate_name(single.name, "function name");
  StackFunction function;
  function.name = single.name;
  function.lang = single.lang;
  function.handler = single.handler;
  function.image = single.image.empty() ? single.name : single.image;
  StackFile stack;
  stack.directory = ".";
  stack.functions.push_back(std::move(function));
  return stack;
}

bool is_single(const SingleFunction& single) {
  return !single.image.empty() || !single.handler.empty() || !single.name.empty() ||
         !single.lang.empty();
}

} // namespace

void add_build_flags(CLI::App& command, BuildFlags& flags) {
  const std::string group = "Build";
  command.add_option("--parallel", flags.parallel, "How many at once; default one a core")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_flag("--no-cache", flags.no_cache, "Build even what did not change")->group(group);
  add_list_option(command,
                  "-b,--build-arg",
                  flags.build_args,
                  "Argument of the template's steps; repeatable",
                  "K=V")
      ->group(group);
  add_list_option(command,
                  "-o,--build-option",
                  flags.build_options,
                  "Package group of the template; repeatable",
                  "NAME")
      ->group(group);
  add_list_option(command,
                  "--copy-extra",
                  flags.copy_extra,
                  "Folder to copy into the build; repeatable",
                  "PATH")
      ->group(group);
  command.add_option("--tag", flags.tag, "Image tag: latest, sha, branch, describe or digest")
      ->check(CLI::IsMember({"latest", "sha", "branch", "describe", "digest"}))
      ->type_name("FORM")
      ->group(group);
  command.add_flag("--disable-stack-pull", flags.no_stack_pull, "Do not fetch missing templates")
      ->group(group);
}

void add_build(Cli& cli) {
  auto options = std::make_shared<BuildOptions>();
  CLI::App& command = cli.add("build", "Build the functions of a stack file");
  add_build_flags(command, options->build);
  command.add_flag("--shrinkwrap", options->build.shrinkwrap, "Only write ./build/NAME")
      ->group("Build");
  command.add_flag("--quiet", options->build.quiet, "Only tell errors")->group("Build");
  const std::string group = "Without a stack file";
  command.add_option("--image", options->single.image, "Name of the image")
      ->type_name("IMAGE")
      ->group(group);
  command.add_option("--handler", options->single.handler, "Folder of the code")
      ->type_name("DIR")
      ->group(group);
  command.add_option("--name", options->single.name, "Name of the function")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--lang", options->single.lang, "Template")
      ->type_name("TEMPLATE")
      ->group(group);
  cli.add_stack_flags(command);
  command.footer("Examples:\n  cflash build\n  cflash build --filter 'api-*' --no-cache");
  cli.on(command, options, run_build);
}

int run_build(const BuildOptions& options, Context& context) {
  auto stack = is_single(options.single) ? single_stack(options.single)
                                         : read_stack(options.stack, true, context);
  apply_tags(stack, options.build.tag);
  pull_missing_templates(stack, options.build, context);
  const int code = build_functions(stack, options.build, context);
  if (code == kExitOk && !options.build.quiet && !options.build.shrinkwrap)
    context.err << "Next: cflash deploy\n";
  return code;
}

} // namespace cubeflash::cli
