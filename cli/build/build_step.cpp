// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_step.hpp"

#include "cli/build/step_environment.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"
#include "common/base/process.hpp"
#include "common/base/time.hpp"

#include <fmt/ranges.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kShownLines = 20;
constexpr milliseconds kSlice{100}; // how soon a cancellation is seen
constexpr milliseconds kGrace{2'000};

// What is not a build argument stays: a shell in the step may know it.
std::string expand(const std::string& text, const StringMap& args) {
  std::string result;
  std::size_t at = 0;
  for (auto open = text.find("${"); open != std::string::npos; open = text.find("${", at)) {
    const auto close = text.find('}', open);
    if (close == std::string::npos) break;
    result += text.substr(at, open - at);
    const auto found = args.find(text.substr(open + 2, close - open - 2));
    result += found == args.end() ? text.substr(open, close + 1 - open) : found->second;
    at = close + 1;
  }
  return result + text.substr(at);
}

// Everything that is there now; false at the end.
bool drain(int fd, StepLog& log) {
  std::array<char, 65536>
      buffer; // NOLINT(cppcoreguidelines-pro-type-member-init) - read() fills it
  // Bounded: a flood must not keep the deadline from being looked at.
  for (int round = 0; round < 64; ++round) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    log.write({buffer.data(), static_cast<std::size_t>(n)});
  }
  return true;
}

// Ends a step and all that it started. The end of the output is the sign that nothing of it is left
// in the sandbox: the kernel tears that down on its own time.
void end(Process& process, const Fd& output, StepLog& log) {
  process.terminate(kGrace);
  const auto deadline = Clock::now() + kGrace;
  while (output && drain(output.get(), log)) {
    pollfd wait{output.get(), POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) == 0) return;
  }
}

} // namespace

StepRunner::StepRunner(Settings settings, const BuildInputs& inputs, StepLog& log)
    : settings_(std::move(settings)), inputs_(inputs), log_(log) {
  fs::create_directories(settings_.cache);
}

std::string StepRunner::describe(const BuildStep& step) {
  return fmt::format("{}", fmt::join(step.run, " "));
}

void StepRunner::run(const BuildStep& step) {
  const std::string described = describe(step);
  log_.begin_step(described);
  Pipe output = Pipe::create();
  ::fcntl(output.read.get(), F_SETFL, O_NONBLOCK);
  Process process = spawn(command(step), Stdio{-1, output.write.get(), output.write.get(), {}});
  output.write.reset();
  wait(std::move(process), std::move(output.read), described);
}

Command StepRunner::command(const BuildStep& step) const {
  std::vector<std::string> argv;
  for (const auto& element : step.run)
    argv.push_back(expand(element, inputs_.build_args));
  const std::string program = argv.front();
  const bool named = program.find('/') == std::string::npos;
  const auto found = named ? find_program(program, sandbox_path()) : std::nullopt;
  if (named && !found)
    fail(ErrorKind::not_found,
         describe(step),
         fmt::format("failed: there is no program {}", program));
  auto environment = StepEnvironment::make(inputs_, settings_.cache, settings_.sandboxed);
  if (!settings_.sandboxed)
    return Command{.program = named ? found->string() : (settings_.context / program).string(),
                   .args = {argv.begin() + 1, argv.end()},
                   .argv0 = program,
                   .env = std::move(environment.variables),
                   .cwd = settings_.context.string()};
  SandboxSpec spec;
  spec.mounts = std::move(environment.mounts);
  spec.mounts.push_back({settings_.context, kContextInside, true});
  spec.mounts.push_back({settings_.cache, kCacheInside, true});
  spec.working_dir = kContextInside;
  spec.env = std::move(environment.variables);
  spec.argv = std::move(argv);
  spec.die_with_parent = true;
  return sandbox_command(spec);
}

void StepRunner::wait(Process process, Fd output, const std::string& described) {
  const auto deadline = Clock::now() + settings_.timeout;
  for (;;) {
    std::array<pollfd, 2> waits{{{output.get(), POLLIN, 0}, {process.pidfd(), POLLIN, 0}}};
    const auto left = std::clamp(
        std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds(0), kSlice);
    if (::poll(waits.data(), waits.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
      throw SystemError(errno, "waiting for a build step");
    if (output && !drain(output.get(), log_)) output.reset();
    if (const auto status = process.wait_for(milliseconds(0))) {
      // What it wrote is in the pipe by now; a descendant that still holds the other end is not
      // waited for.
      if (output) drain(output.get(), log_);
      if (!status->ok())
        fail(ErrorKind::failed, described, fmt::format("failed: {}", status->describe()));
      return;
    }
    if (settings_.cancelled != nullptr && settings_.cancelled->load()) {
      end(process, output, log_);
      fail(ErrorKind::failed, described, "was cancelled");
    }
    if (Clock::now() >= deadline) {
      end(process, output, log_);
      fail(ErrorKind::timeout,
           described,
           fmt::format("did not finish in {}", format_duration(settings_.timeout)));
    }
  }
}

void StepRunner::fail(ErrorKind kind, const std::string& described, const std::string& how) const {
  const std::string lines = log_.last_lines(kShownLines);
  throw Error(kind,
              fmt::format("function \"{}\": {} {}{}{}",
                          settings_.function,
                          described,
                          how,
                          lines.empty() ? "" : "\n",
                          lines),
              fmt::format("the whole output is in {}", log_.file().string()));
}

} // namespace cubeflash::cli
