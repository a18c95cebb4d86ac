// SPDX-License-Identifier: Apache-2.0
#include "cli/build_functions.hpp"

#include "cli/build/native_builder.hpp"
#include "cli/cli.hpp"
#include "cli/image_tag.hpp"
#include "cli/interrupt.hpp"
#include "cli/key_value.hpp"
#include "cli/progress.hpp"
#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <algorithm>
#include <thread>

namespace cubeflash::cli {

namespace {

using Clock = std::chrono::steady_clock;

struct Failure {
  std::string where; // "stack.yml:7:3", empty without a file
  std::string function;
  std::string what;
  std::string hint;
};

// One without a language runs an image that exists.
bool is_built_here(const StackFunction& function) {
  return !function.skip_build && !function.lang.empty();
}

// Hands the functions out to workers and collects what went wrong.
class BuildRun {
 public:
  BuildRun(const StackFile& stack, const BuildFlags& flags, Context& context)
      : stack_(stack), flags_(flags),
        build_args_(parse_key_values(flags.build_args, "--build-arg")),
        progress_(context, flags.quiet) {
    for (const auto& function : stack.functions)
      if (is_built_here(function)) todo_.push_back(&function);
  }

  // In the order of the file.
  std::vector<Failure> run() {
    const unsigned wanted =
        flags_.parallel != 0 ? flags_.parallel : std::max(1U, std::thread::hardware_concurrency());
    const auto count = std::min<std::size_t>(wanted, todo_.size());
    results_.resize(todo_.size());
    {
      std::vector<std::jthread> workers;
      for (std::size_t worker = 0; worker < count; ++worker)
        workers.emplace_back([this, worker] { work(worker); });
    }
    std::vector<Failure> failures;
    for (auto& result : results_)
      if (!result.function.empty()) failures.push_back(std::move(result));
    return failures;
  }

  bool interrupted() const { return interrupt_.raised(); }

 private:
  void work(std::size_t worker) {
    for (;;) {
      const auto index = next_.fetch_add(1);
      if (index >= todo_.size() || interrupt_.raised()) break;
      build_one(worker, index);
    }
    progress_.say(fmt::format("[{}] Worker done.", worker));
  }

  void build_one(std::size_t worker, std::size_t index) {
    const auto& function = *todo_[index];
    const auto start = Clock::now();
    const auto fail = [&](const std::string& what, const std::string& hint) {
      progress_.clear(worker);
      progress_.say(fmt::format("[{}] ! Building {} failed.", worker, function.name));
      results_[index] = {function.where, function.name, what, hint};
    };
    progress_.say(fmt::format("[{}] > Building {}.", worker, function.name));
    try {
      const auto result = build(worker, function);
      progress_.clear(worker);
      if (flags_.shrinkwrap)
        progress_.say(
            fmt::format("{} shrink-wrapped to {}",
                        function.name,
                        (stack_.directory / "build" / function.name).lexically_normal().string()));
      else
        progress_.say(
            fmt::format("Image: {} {}.", function.image, result.unchanged ? "unchanged" : "built"));
      const std::chrono::duration<double> took = Clock::now() - start;
      progress_.say(
          fmt::format("[{}] < Building {} done in {:.2f}s.", worker, function.name, took.count()));
    } catch (const Error& error) {
      fail(error.what(), error.hint());
    } catch (const std::exception& error) {
      fail(error.what(), {});
    }
  }

  BuildResult build(std::size_t worker, const StackFunction& function) {
    if (function.handler.empty())
      throw Error(ErrorKind::invalid,
                  fmt::format("{}: function \"{}\" has no handler", function.where, function.name));
    BuildRequest request;
    request.function = &function;
    request.language = TemplateStore(stack_.directory).find(function.lang);
    request.project = stack_.directory;
    request.copy = stack_.copy;
    request.copy.insert(request.copy.end(), flags_.copy_extra.begin(), flags_.copy_extra.end());
    request.build_args = build_args_;
    request.build_options = flags_.build_options;
    request.no_cache = flags_.no_cache;
    request.shrinkwrap = flags_.shrinkwrap;
    request.cancelled = &interrupt_.raised();
    progress_.say(
        fmt::format("Building: {} with {} template. Please wait..", function.image, function.lang));
    return build_native(request, [&](const std::string& step) {
      progress_.show(worker, fmt::format("[{}] {}: {}", worker, function.name, step));
    });
  }

  const StackFile& stack_;
  const BuildFlags& flags_;
  const StringMap build_args_;
  std::vector<const StackFunction*> todo_;
  std::vector<Failure> results_; // a worker writes only what it took
  std::atomic<std::size_t> next_ = 0;
  InterruptFlag interrupt_;
  Progress progress_;
};

bool is_here(const TemplateStore& store, const std::string& language) {
  try {
    store.find(language);
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) return false;
    throw;
  }
}

} // namespace

void pull_missing_templates(const StackFile& stack, const BuildFlags& flags, Context& context) {
  if (flags.no_stack_pull) return;
  const TemplateStore store(stack.directory);
  for (const auto& function : stack.functions) {
    if (!is_built_here(function) || is_here(store, function.lang)) continue;
    const auto name = function.lang.substr(0, function.lang.find('@'));
    const auto source =
        std::find_if(stack.templates.begin(), stack.templates.end(), [&](const auto& entry) {
          return entry.name == name && !entry.source.empty();
        });
    if (source == stack.templates.end()) continue;
    if (!flags.quiet)
      context.err << fmt::format("Pulling template {} from {}\n", name, source->source);
    store.pull(source->source, false, {name});
  }
}

void apply_tags(StackFile& stack, const std::string& format) {
  for (auto& function : stack.functions)
    function.image = tagged_image(function, format, stack.directory);
}

int build_functions(const StackFile& stack, const BuildFlags& flags, Context& context) {
  std::vector<Failure> failures;
  bool interrupted = false;
  {
    BuildRun run(stack, flags, context);
    failures = run.run();
    interrupted = run.interrupted();
  }
  if (interrupted) {
    context.err << "cflash: interrupted\n";
    return kExitInterrupted;
  }
  for (const auto& failure : failures) {
    const bool told =
        failure.where.empty() || failure.what.find(failure.where) != std::string::npos;
    context.err << fmt::format("cflash: {}building {}: {}\n",
                               told ? "" : failure.where + ": ",
                               failure.function,
                               failure.what);
    if (!failure.hint.empty()) context.err << "  " << failure.hint << '\n';
  }
  return failures.empty() ? kExitOk : kExitFailed;
}

} // namespace cubeflash::cli
