// SPDX-License-Identifier: Apache-2.0
#include "cli/wait_ready.hpp"
#include "tests/cli/tiny_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <atomic>

using namespace cubeflash;
using namespace cubeflash::cli;
using cubeflash::test::TinyReply;
using cubeflash::test::TinyRequest;
using cubeflash::test::TinyServer;

namespace {

FunctionStatus status(std::uint64_t replicas,
                      std::uint64_t available,
                      std::vector<InstanceStatus> instances = {}) {
  FunctionStatus result;
  result.spec.name.name = "hello";
  result.spec.image = "hello";
  result.replicas = replicas;
  result.available_replicas = available;
  result.instances = std::move(instances);
  return result;
}

InstanceStatus
instance(const std::string& phase, const std::string& reason, std::uint64_t restarts = 0) {
  return {"i", phase, reason, restarts};
}

} // namespace

TEST_CASE("readiness_of: ready with an instance and none on its way, or when none is wanted") {
  CHECK(readiness_of(status(1, 1)).ready);
  CHECK(readiness_of(status(0, 0)).ready);
  CHECK_FALSE(readiness_of(status(1, 0)).ready);
  CHECK_FALSE(readiness_of(status(1, 1, {instance("starting", "unpacking")})).ready);
  CHECK(readiness_of(status(1, 0, {instance("backoff", "exit status 1")})).reason ==
        "exit status 1");
}

TEST_CASE("wait_ready: tells each new reason, and returns once it is ready") {
  std::atomic<int> asked = 0;
  const TinyServer server([&](const TinyRequest&) {
    const int now = asked++;
    const auto answer =
        now < 2 ? status(1, 0, {instance("starting", now == 0 ? "one" : "two")}) : status(1, 1);
    return TinyReply{.body = to_json(answer).dump()};
  });
  std::vector<std::string> reasons;
  const auto readiness = wait_ready(GatewayClient(server.url(), {}),
                                    {"hello"},
                                    std::chrono::seconds(30),
                                    [&](const auto& reason) { reasons.push_back(reason); });
  CHECK(readiness.ready);
  CHECK(reasons == std::vector<std::string>{"one", "two"});
}

TEST_CASE("wait_ready: gives up at the deadline, and at once when starts keep failing") {
  std::uint64_t restarts = 0;
  const TinyServer server([&](const TinyRequest&) {
    return TinyReply{
        .body = to_json(status(1, 0, {instance("backoff", "exit status 3", restarts)})).dump()};
  });
  const GatewayClient client(server.url(), {});
  const auto late =
      wait_ready(client, {"hello"}, std::chrono::milliseconds(10), [](const auto&) {});
  CHECK_FALSE(late.ready);
  CHECK(late.reason == "exit status 3");
  restarts = 3;
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(wait_ready(client, {"hello"}, std::chrono::seconds(60), [](const auto&) {}).ready);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}
