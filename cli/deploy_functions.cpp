// SPDX-License-Identifier: Apache-2.0
#include "cli/deploy_functions.hpp"

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/key_value.hpp"
#include "cli/progress.hpp"
#include "cli/wait_ready.hpp"
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/model/api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cubeflash::cli {

namespace fs = std::filesystem;

namespace {

void merge(StringMap& into, const std::vector<std::string>& texts, std::string_view flag) {
  for (auto& [key, value] : parse_key_values(texts, flag))
    into[key] = value;
}

void override_with(Resources& resources, const Resources& flags) {
  if (!flags.memory.empty()) resources.memory = flags.memory;
  if (!flags.cpu.empty()) resources.cpu = flags.cpu;
}

std::string status_words(unsigned status) {
  switch (status) {
  case 200:
    return "200 OK";
  case 201:
    return "201 Created";
  default:
    return "202 Accepted";
  }
}

// The tag that the layout's image was built under.
std::string built_tag(const OciLayout& layout) {
  const auto index = nlohmann::json::parse(
      read_file(layout.directory() / "index.json", 1U << 20U), nullptr, false);
  if (index.is_discarded() || !index.is_object() || !index.contains("manifests")) return {};
  const auto& manifests = index["manifests"];
  if (!manifests.is_array() || manifests.empty() || !manifests[0].is_object()) return {};
  const auto annotations = manifests[0].value("annotations", nlohmann::json::object());
  return annotations.is_object() ? annotations.value("org.opencontainers.image.ref.name", "")
                                 : std::string();
}

// What `cflash build` left for this function, when it is what the specification asks for.
std::optional<OciLayout>
built_image(const StackFile& stack, const StackFunction& function, const ImageReference& image) {
  if (function.skip_build || !image.digest.empty()) return std::nullopt;
  const auto directory = stack.directory / "build" / ".images" / function.name;
  std::error_code ignored;
  if (!fs::exists(directory / "index.json", ignored)) return std::nullopt;
  auto layout = OciLayout::open(directory);
  if (built_tag(layout) != image.tag) return std::nullopt;
  return layout;
}

class Deployment {
 public:
  Deployment(const StackFile& stack,
             const SpecFlags& flags,
             const DeployPlan& plan,
             const GatewayClient& client,
             Context& context)
      : stack_(stack), flags_(flags), plan_(plan), client_(client), context_(context) {}

  // False when the function is deployed but did not become ready in time.
  bool deploy(const StackFunction& function) {
    const auto spec = spec_with_flags(function, flags_);
    const auto image = ImageReference::parse(spec.image);
    const auto layout = built_image(stack_, function, image);
    context_.out << fmt::format("Deploying: {}.\n", spec.name.brief());
    context_.out.flush();
    if (layout) client_.push_image(*layout, image);
    if (plan_.replace) remove_old(spec.name);
    const auto outcome = register_function(spec, function, layout.has_value());
    if (outcome.updated)
      context_.err << fmt::format("Function {} already exists, attempting rolling-update.\n",
                                  spec.name.brief());
    context_.out << fmt::format("\nDeployed. {}.\nURL: {}\n",
                                status_words(outcome.status),
                                function_url(client_, spec.name));
    context_.out.flush();
    return !plan_.wait || wait(spec.name);
  }

 private:
  void remove_old(const FunctionName& name) {
    try {
      client_.remove(name);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
    }
  }

  DeployOutcome
  register_function(const FunctionSpec& spec, const StackFunction& function, bool pushed) {
    try {
      return client_.deploy(spec, plan_.update && !plan_.replace);
    } catch (const Error& error) {
      const bool image_unknown =
          error.kind() == ErrorKind::invalid || error.kind() == ErrorKind::not_found;
      if (pushed || function.skip_build || !image_unknown || !error.hint().empty()) throw;
      throw Error(error.kind(),
                  error.what(),
                  "if its image was never built: cflash build, or cflash up, which does both");
    }
  }

  bool wait(const FunctionName& name) {
    Readiness readiness;
    {
      Progress progress(context_, false);
      readiness = wait_ready(client_, name, *plan_.wait, [&](const std::string& reason) {
        progress.show(0, fmt::format("Waiting for {}: {}", name.brief(), reason));
      });
      progress.clear(0);
    }
    if (readiness.ready) return true;
    context_.err << fmt::format("cflash: {} is deployed, but not ready: {}\n  cflash logs {} and "
                                "cflash describe {} may say more\n",
                                name.brief(),
                                readiness.reason,
                                name.brief(),
                                name.brief());
    return false;
  }

  const StackFile& stack_;
  const SpecFlags& flags_;
  const DeployPlan& plan_;
  const GatewayClient& client_;
  Context& context_;
};

} // namespace

bool stops_everything(ErrorKind kind) {
  return kind == ErrorKind::unavailable || kind == ErrorKind::denied || kind == ErrorKind::usage;
}

FunctionSpec spec_with_flags(const StackFunction& function, const SpecFlags& flags) {
  if (!flags.secrets.empty())
    throw Error(ErrorKind::unsupported, "--secret: secrets are not supported yet");
  FunctionSpec spec = function.to_spec(flags.space);
  if (!flags.fprocess.empty()) spec.env_process = flags.fprocess;
  merge(spec.environment, flags.environment, "--env");
  merge(spec.labels, flags.labels, "--label");
  merge(spec.annotations, flags.annotations, "--annotation");
  spec.constraints.insert(
      spec.constraints.end(), flags.constraints.begin(), flags.constraints.end());
  spec.read_only_root = spec.read_only_root || flags.read_only;
  override_with(spec.limits, flags.limits);
  override_with(spec.requests, flags.requests);
  with_context(function.where.empty() ? "function \"" + function.name + '"' : function.where,
               [&] { validate(spec); });
  return spec;
}

void check_deployable(const StackFile& stack, const SpecFlags& flags) {
  for (const auto& function : stack.functions) {
    const auto spec = spec_with_flags(function, flags);
    with_context("function \"" + function.name + '"', [&] { ImageReference::parse(spec.image); });
  }
}

int deploy_functions(const StackFile& stack,
                     const SpecFlags& flags,
                     const DeployPlan& plan,
                     const GatewayClient& client,
                     Context& context) {
  Deployment deployment(stack, flags, plan, client, context);
  int code = kExitOk;
  std::string deployed;
  for (const auto& function : stack.functions) {
    try {
      if (deployment.deploy(function))
        deployed = spec_with_flags(function, flags).name.brief();
      else
        code = kExitFailed;
    } catch (const Error& error) {
      if (stops_everything(error.kind()) || stack.functions.size() == 1) throw;
      context.err << fmt::format("cflash: {}: {}\n", function.name, error.what());
      if (!error.hint().empty()) context.err << "  " << error.hint() << '\n';
      code = kExitFailed;
    }
  }
  if (code == kExitOk) context.err << fmt::format("Next: cflash invoke {}\n", deployed);
  return code;
}

} // namespace cubeflash::cli
