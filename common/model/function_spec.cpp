// SPDX-License-Identifier: Apache-2.0
#include "common/model/function_spec.hpp"

#include "common/base/error.hpp"
#include "common/base/quantity.hpp"
#include "common/base/text.hpp"
#include "common/base/time.hpp"

#include <algorithm>

namespace cubeflash {

namespace {

constexpr std::uint32_t kMaxConcurrency = 100'000;

[[noreturn]] void invalid(const std::string& what, const std::string& hint = {}) {
  throw Error(ErrorKind::invalid, what, hint);
}

void validate_resources(const Resources& resources, std::string_view key) {
  if (!resources.memory.empty() && !parse_memory(resources.memory))
    invalid(fmt::format("{}.memory: \"{}\" is not a quantity", key, resources.memory),
            "write it like 128Mi or 1G");
  if (!resources.cpu.empty() && !parse_cpu(resources.cpu))
    invalid(fmt::format("{}.cpu: \"{}\" is not a quantity", key, resources.cpu),
            "write it like 100m or 0.5");
}

void validate_environment(const StringMap& environment) {
  for (const auto& [name, value] : environment) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos)
      invalid(fmt::format("environment: \"{}\" is not a variable's name", name));
    if (value.find('\0') != std::string::npos)
      invalid(fmt::format("environment: {} has a NUL byte", name));
  }
}

void validate_mode(const std::string& mode) {
  if (mode.empty() || mode == "fork") return;
  const auto& modes = watchdog_modes();
  if (std::find(modes.begin(), modes.end(), mode) == modes.end())
    invalid(fmt::format("mode: \"{}\" is not a mode{}", mode, did_you_mean(mode, modes)),
            fmt::format("choose one of {}", fmt::join(modes, ", ")));
  throw Error(
      ErrorKind::unsupported, fmt::format("mode: {} is not supported yet", mode), "use mode: fork");
}

} // namespace

FunctionName FunctionName::parse(std::string_view text) {
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos) return {std::string(text)};
  return {std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

std::string FunctionName::full() const {
  return name + '.' + space;
}

std::string FunctionName::brief() const {
  return space == kDefaultNamespace ? name : full();
}

const std::vector<std::string>& watchdog_modes() {
  static const std::vector<std::string> modes{
      "fork", "zygote", "http", "streaming", "serializing", "static"};
  return modes;
}

void validate_name(std::string_view name, std::string_view what) {
  if (name.empty()) invalid(fmt::format("{} is empty", what));
  if (!is_dns_label(name))
    invalid(fmt::format("{} \"{}\" is not valid", what, name.substr(0, 100)),
            "use 1 to 63 lower-case letters, digits and '-', starting and ending with a letter or "
            "digit");
}

void validate(const FunctionSpec& spec) {
  validate_name(spec.name.name, "function name");
  validate_name(spec.name.space, "namespace");
  if (spec.image.empty()) invalid("image is missing");
  validate_environment(spec.environment);
  validate_resources(spec.limits, "limits");
  validate_resources(spec.requests, "requests");
  validate_mode(spec.mode);
  if (spec.timeout && spec.timeout->count() <= 0) invalid("timeout must be longer than 0");
  if (spec.concurrency && (*spec.concurrency == 0 || *spec.concurrency > kMaxConcurrency))
    invalid(fmt::format("concurrency must be from 1 to {}", kMaxConcurrency));
}

} // namespace cubeflash
