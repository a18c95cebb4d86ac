// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/model/api.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cubeflash;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

FunctionSpec full_spec() {
  FunctionSpec spec;
  spec.name = {"render", "dev"};
  spec.image = "ghcr.io/org/render:1.2";
  spec.env_process = "python3 index.py";
  spec.environment = {{"PORT", "8080"}, {"EMPTY", ""}, {"GRUSS", "Grüße"}};
  spec.constraints = {"node.platform.os == linux"};
  spec.secrets = {"token", "key"};
  spec.labels = {{"com.openfaas.scale.min", "2"}};
  spec.annotations = {{"topic", "cron-function"}};
  spec.limits = {"128Mi", "100m"};
  spec.requests = {"64Mi", ""};
  spec.read_only_root = true;
  spec.mode = "fork";
  spec.timeout = 90s;
  spec.concurrency = 4;
  return spec;
}

FunctionSpec minimal_spec() {
  FunctionSpec spec;
  spec.name.name = "hello";
  spec.image = "hello:latest";
  return spec;
}

} // namespace

TEST_CASE("deployment: has the field names of the contract") {
  CHECK(to_json(full_spec()) == json::parse(R"({
    "service": "render", "namespace": "dev", "image": "ghcr.io/org/render:1.2",
    "envProcess": "python3 index.py",
    "envVars": {"PORT": "8080", "EMPTY": "", "GRUSS": "Grüße"},
    "constraints": ["node.platform.os == linux"], "secrets": ["token", "key"],
    "labels": {"com.openfaas.scale.min": "2"}, "annotations": {"topic": "cron-function"},
    "limits": {"memory": "128Mi", "cpu": "100m"}, "requests": {"memory": "64Mi"},
    "readOnlyRootFilesystem": true, "mode": "fork", "timeout": "1m30s", "concurrency": 4})"));
}

TEST_CASE("deployment: what is empty is absent, but labels and annotations are always objects") {
  CHECK(to_json(minimal_spec()) == json::parse(R"({
    "service": "hello", "namespace": "openfaas-fn", "image": "hello:latest",
    "labels": {}, "annotations": {}})"));
}

TEST_CASE("deployment: comes back as it went, through text") {
  for (const auto& spec : {full_spec(), minimal_spec()})
    CHECK(function_spec_from_json(parse_json(dump_json(to_json(spec)))) == spec);
}

TEST_CASE("deployment: reads what the stock client sends") {
  const auto spec = function_spec_from_json(json::parse(R"({
    "service": "nodeinfo", "image": "ghcr.io/openfaas/nodeinfo:latest", "network": "", "envProcess": "",
    "envVars": {}, "constraints": null, "secrets": [], "labels": {}, "annotations": null, "limits": null,
    "readOnlyRootFilesystem": false, "namespace": "", "registryAuth": "x", "unknown": {"deep": [1]}})"));
  CHECK(spec.name == FunctionName{"nodeinfo", "openfaas-fn"});
  CHECK(spec.limits.empty());
  CHECK(spec.environment.empty());
}

TEST_CASE("deployment: keys of limits that we do not know are ignored") {
  const auto spec = function_spec_from_json(
      json::parse(R"({"service":"a","image":"b","limits":{"memory":"5Mi","nvidia.com/gpu":"1"}})"));
  CHECK(spec.limits == Resources{"5Mi", ""});
}

TEST_CASE("deployment: an empty limits object is the same as none") {
  const auto spec = function_spec_from_json(
      json::parse(R"({"service":"a","image":"b","limits":{},"requests":{"cpu":""}})"));
  CHECK_FALSE(to_json(spec).contains("limits"));
  CHECK_FALSE(to_json(spec).contains("requests"));
}

TEST_CASE("deployment: a wrong type names the field and what was expected") {
  const std::pair<const char*, const char*> rows[] = {
      {R"([])", "expected an object"},
      {R"({"service":1})", "service: expected a string"},
      {R"({"image":{}})", "image: expected a string"},
      {R"({"envVars":{"PORT":8080}})", "envVars.PORT: expected a string"},
      {R"({"envVars":["A=1"]})", "envVars: expected an object"},
      {R"({"secrets":"token"})", "secrets: expected a list"},
      {R"({"secrets":[1]})", "secrets[0]: expected a string"},
      {R"({"labels":{"a":true}})", "labels.a: expected a string"},
      {R"({"limits":"128Mi"})", "limits: expected an object"},
      {R"({"limits":{"memory":128}})", "limits.memory: expected a string"},
      {R"({"requests":{"cpu":1}})", "requests.cpu: expected a string"},
      {R"({"readOnlyRootFilesystem":"yes"})", "readOnlyRootFilesystem: expected true or false"},
      {R"({"timeout":30})", "timeout: expected a string"},
      {R"({"timeout":"soon"})", "timeout: expected a duration like \"30s\""},
      {R"({"concurrency":-1})", "concurrency: expected a whole number of 0 or more"},
      {R"({"concurrency":1.5})", "concurrency: expected a whole number of 0 or more"},
      {R"({"concurrency":4294967296})", "concurrency: expected a smaller number"}};
  for (const auto& [text, words] : rows) {
    CAPTURE(text);
    try {
      function_spec_from_json(json::parse(text));
      FAIL("was accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::invalid);
      CHECK(std::string(error.what()) == words);
    }
  }
}

TEST_CASE("status: has the field names of the contract, and instances of ours") {
  FunctionStatus status;
  status.spec = full_spec();
  status.invocation_count = 12;
  status.replicas = 2;
  status.available_replicas = 1;
  status.created_at = "2026-01-02T03:04:05Z";
  status.instances = {{"a1", "ready", "", 0}, {"b2", "backoff", "exit status 1", 3}};
  const json value = to_json(status);
  CHECK(value["name"] == "render");
  CHECK_FALSE(value.contains("service"));
  CHECK(value["invocationCount"].is_number());
  CHECK(value["invocationCount"] == 12);
  CHECK(value["replicas"] == 2);
  CHECK(value["availableReplicas"] == 1);
  CHECK(value["createdAt"] == "2026-01-02T03:04:05Z");
  CHECK(value["instances"] == json::parse(R"([{"id":"a1","phase":"ready"},
                                              {"id":"b2","phase":"backoff","reason":"exit status 1","restarts":3}])"));
}

TEST_CASE("status: what is empty is absent, save name, image, createdAt and the two maps") {
  FunctionStatus status;
  status.spec = minimal_spec();
  CHECK(to_json(status) ==
        json::parse(R"({"name": "hello", "image": "hello:latest", "namespace": "openfaas-fn",
                                           "createdAt": "", "labels": {}, "annotations": {}})"));
}

TEST_CASE("status: comes back as it went, through text") {
  FunctionStatus status;
  status.spec = full_spec();
  status.invocation_count = 0.5;
  status.replicas = 7;
  status.available_replicas = 6;
  status.created_at = "x";
  status.instances = {{"a", "ready", "because", 1}};
  const auto back = function_status_from_json(parse_json(dump_json(to_json(status))));
  CHECK(back.spec == status.spec);
  CHECK(back.invocation_count == doctest::Approx(0.5));
  CHECK(back.replicas == 7);
  CHECK(back.available_replicas == 6);
  CHECK(back.created_at == "x");
  REQUIRE(back.instances.size() == 1);
  CHECK(back.instances[0].id == "a");
  CHECK(back.instances[0].reason == "because");
  CHECK(back.instances[0].restarts == 1);
}

TEST_CASE("status: reads another gateway's, which has less and more") {
  const auto status = function_status_from_json(json::parse(R"({
    "name": "env", "image": "x", "namespace": "", "envProcess": "env", "createdAt": "2022-01-01T00:00:00Z",
    "usage": {"cpu": 1.5, "totalMemoryBytes": 1000}, "labels": null, "replicas": 1})"));
  CHECK(status.spec.name == FunctionName{"env", "openfaas-fn"});
  CHECK(status.replicas == 1);
  CHECK(status.available_replicas == 0);
}
