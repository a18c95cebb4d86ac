// SPDX-License-Identifier: Apache-2.0
#include "cli/build/native_builder.hpp"

#include "cli/build/build_context.hpp"
#include "cli/build/build_inputs.hpp"
#include "cli/build/build_lock.hpp"
#include "cli/build/build_step.hpp"
#include "cli/build/function_image.hpp"
#include "cli/build/requirements.hpp"
#include "common/base/environment.hpp"
#include "common/base/error.hpp"

#include <fmt/ranges.h>

#include <atomic>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

struct BuildPlaces {
  fs::path context; // ./build/<name>
  fs::path image;   // ./build/.images/<name>
  fs::path fresh;   // the new image, until it is whole
  fs::path log;

  explicit BuildPlaces(const BuildRequest& request) {
    const fs::path root = request.project / "build";
    const std::string& name = request.function->name;
    context = root / name;
    image = root / ".images" / name;
    fresh = root / ".images" / ("." + name + ".new");
    log = root / ".logs" / (name + ".log");
  }
};

void refuse_docker(const BuildRequest& request) {
  if (request.language.has_native) return;
  std::vector<std::string> native;
  for (const auto& candidate : TemplateStore(request.project).list())
    if (candidate.has_native) native.push_back(candidate.name);
  throw Error(
      ErrorKind::unsupported,
      fmt::format("function \"{}\": lang {} is built with Docker, which is not supported yet",
                  request.function->name,
                  request.language.name),
      fmt::format("choose a template with a native build: {}", fmt::join(native, ", ")));
}

// A sandbox is tried once a process, and its absence told once.
bool can_sandbox(const BuildProgress& progress) {
  static const SandboxProbe probe = probe_sandbox();
  static std::atomic<bool> told = false;
  if (!probe.available && !told.exchange(true))
    progress(fmt::format("no sandbox here ({}): build steps run unconfined", probe.reason));
  return probe.available;
}

void write_context(const Tree& context, const fs::path& directory) {
  remove_tree(directory);
  write_tree(context, directory);
}

void run_steps(const BuildRequest& request,
               const BuildInputs& inputs,
               const BuildPlaces& places,
               const BuildProgress& progress) {
  StepLog log(places.log);
  if (request.language.steps.empty()) return log.remove();
  StepRunner runner({.function = request.function->name,
                     .context = fs::canonical(places.context),
                     .cache = fs::absolute(cache_home() / "build"),
                     .sandboxed = can_sandbox(progress),
                     .timeout = request.step_timeout,
                     .cancelled = request.cancelled},
                    inputs,
                    log);
  for (const auto& step : request.language.steps) {
    if (!holds(places.context, step.when)) continue;
    progress("running " + StepRunner::describe(step));
    runner.run(step);
  }
  log.remove();
}

BuildResult build(const BuildRequest& request, const BuildProgress& progress) {
  validate_name(request.function->name, "function name");
  if (!request.shrinkwrap) refuse_docker(request);
  const BuildPlaces places(request);
  const BuildLock lock(request, progress);
  if (request.shrinkwrap) {
    write_context(plan_context(request), places.context);
    return {};
  }
  const BuildInputs inputs = BuildInputs::gather(request);
  const std::string digest = inputs.digest(request);
  if (!request.no_cache)
    if (const std::string manifest = find_image(places.image, digest); !manifest.empty())
      return {places.image, manifest, true};
  check_packages(request, inputs.packages);
  progress("writing the build context");
  write_context(inputs.context, places.context);
  run_steps(request, inputs, places, progress);
  progress("writing the image");
  remove_tree(places.fresh); // of a build that was killed
  const std::string manifest = write_image(request, inputs, digest, places.context, places.fresh);
  replace_directory(places.fresh, places.image);
  return {places.image, manifest, false};
}

} // namespace

BuildResult build_native(const BuildRequest& request, const BuildProgress& progress) {
  try {
    return build(
        request, progress ? progress : [](const std::string&) {});
  } catch (const fs::filesystem_error& error) {
    throw SystemError(error.code().value(),
                      "function \"{}\": {}",
                      request.function->name,
                      error.path1().empty() ? "building" : error.path1().string());
  }
}

} // namespace cubeflash::cli
