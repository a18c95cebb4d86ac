// SPDX-License-Identifier: Apache-2.0
// FunctionSpec and FunctionStatus as JSON: the same fields but for the name's key.
#include "common/base/error.hpp"
#include "common/base/time.hpp"
#include "common/model/api.hpp"
#include "common/model/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace cubeflash {

using nlohmann::json;

namespace {

void put(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void put(json& object, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) object[key] = texts;
}

void put(json& object, const char* key, const Resources& resources) {
  if (resources.empty()) return;
  json value = json::object();
  put(value, "memory", resources.memory);
  put(value, "cpu", resources.cpu);
  object[key] = std::move(value);
}

void put(json& object, const char* key, std::uint64_t count) {
  if (count != 0) object[key] = count;
}

// What deployment and status have in common. envVars, limits and requests must be absent when
// empty, labels and annotations must not: clients compare the former deeply and dereference the
// latter.
json common_fields(const FunctionSpec& spec) {
  json object = json::object();
  object["image"] = spec.image;
  put(object, "namespace", spec.name.space);
  put(object, "envProcess", spec.env_process);
  if (!spec.environment.empty()) object["envVars"] = spec.environment;
  put(object, "constraints", spec.constraints);
  put(object, "secrets", spec.secrets);
  object["labels"] = spec.labels;
  object["annotations"] = spec.annotations;
  put(object, "limits", spec.limits);
  put(object, "requests", spec.requests);
  if (spec.read_only_root) object["readOnlyRootFilesystem"] = true;
  put(object, "mode", spec.mode);
  if (spec.timeout) object["timeout"] = format_duration(*spec.timeout);
  if (spec.concurrency) object["concurrency"] = *spec.concurrency;
  return object;
}

Resources read_resources(const JsonReader& reader) {
  return {reader.text("memory"), reader.text("cpu")};
}

std::optional<milliseconds> read_timeout(const JsonReader& reader) {
  const auto text = reader.text("timeout");
  if (text.empty()) return std::nullopt;
  const auto timeout = parse_duration(text);
  if (!timeout) reader.wrong("timeout", "a duration like \"30s\"");
  return timeout;
}

std::optional<std::uint32_t> read_concurrency(const JsonReader& reader) {
  const auto count = reader.count("concurrency");
  if (!count) return std::nullopt;
  if (*count > std::numeric_limits<std::uint32_t>::max())
    reader.wrong("concurrency", "a smaller number");
  return static_cast<std::uint32_t>(*count);
}

FunctionSpec read_spec(const JsonReader& reader, std::string_view name_key) {
  FunctionSpec spec;
  spec.name.name = reader.text(name_key);
  if (auto space = reader.text("namespace"); !space.empty()) spec.name.space = std::move(space);
  spec.image = reader.text("image");
  spec.env_process = reader.text("envProcess");
  spec.environment = reader.map("envVars");
  spec.constraints = reader.texts("constraints");
  spec.secrets = reader.texts("secrets");
  spec.labels = reader.map("labels");
  spec.annotations = reader.map("annotations");
  spec.limits = read_resources(reader.object("limits"));
  spec.requests = read_resources(reader.object("requests"));
  spec.read_only_root = reader.flag("readOnlyRootFilesystem");
  spec.mode = reader.text("mode");
  spec.timeout = read_timeout(reader);
  spec.concurrency = read_concurrency(reader);
  return spec;
}

json to_json(const InstanceStatus& instance) {
  json object{{"id", instance.id}, {"phase", instance.phase}};
  put(object, "reason", instance.reason);
  put(object, "restarts", instance.restarts);
  return object;
}

InstanceStatus read_instance(const JsonReader& reader) {
  return {reader.text("id"),
          reader.text("phase"),
          reader.text("reason"),
          reader.count("restarts").value_or(0)};
}

} // namespace

json to_json(const FunctionSpec& spec) {
  json object = common_fields(spec);
  object["service"] = spec.name.name;
  return object;
}

FunctionSpec function_spec_from_json(const json& value) {
  return read_spec(JsonReader(value), "service");
}

json to_json(const FunctionStatus& status) {
  json object = common_fields(status.spec);
  object["name"] = status.spec.name.name;
  object["createdAt"] = status.created_at;
  if (status.invocation_count != 0) object["invocationCount"] = status.invocation_count;
  put(object, "replicas", status.replicas);
  put(object, "availableReplicas", status.available_replicas);
  if (!status.instances.empty()) {
    json instances = json::array();
    for (const auto& instance : status.instances)
      instances.push_back(to_json(instance));
    object["instances"] = std::move(instances);
  }
  return object;
}

FunctionStatus function_status_from_json(const json& value) {
  const JsonReader reader(value);
  FunctionStatus status;
  status.spec = read_spec(reader, "name");
  status.created_at = reader.text("createdAt");
  status.invocation_count = reader.number("invocationCount");
  status.replicas = reader.count("replicas").value_or(0);
  status.available_replicas = reader.count("availableReplicas").value_or(0);
  reader.each_object("instances", [&](const JsonReader& instance) {
    status.instances.push_back(read_instance(instance));
  });
  return status;
}

} // namespace cubeflash
