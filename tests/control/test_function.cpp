// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "daemon/control/function.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::daemon;

namespace {

const auto kNow = BackOff::Clock::now();

Function function_of(std::uint64_t revision, std::uint64_t replicas) {
  Function function;
  function.record.spec.name = {"f"};
  function.record.revision = revision;
  function.record.replicas = replicas;
  function.stats = std::make_shared<FunctionStats>(1);
  return function;
}

void add(Function& function, const std::string& id, std::uint64_t revision, Phase phase) {
  FunctionInstance& instance = function.instances[id];
  instance.revision = revision;
  instance.phase = phase;
  if (phase == Phase::ready) instance.backend = std::make_shared<Backend>();
}

using Ids = std::vector<std::string>;

} // namespace

TEST_CASE("plan: starts what is missing, counting what is starting") {
  Function function = function_of(1, 3);
  CHECK(function.plan(kNow).start == 3);
  add(function, "a", 1, Phase::starting);
  add(function, "b", 1, Phase::ready);
  CHECK(function.plan(kNow).start == 1);
  CHECK(function.plan(kNow).stop.empty());
}

TEST_CASE("plan: an instance that is stopping does not count") {
  Function function = function_of(1, 1);
  add(function, "a", 1, Phase::stopping);
  CHECK(function.plan(kNow).start == 1);
  CHECK(function.plan(kNow).stop.empty());
}

TEST_CASE("plan: waits out the back-off") {
  Function function = function_of(1, 1);
  const auto wait = function.back_off.failed(kNow, milliseconds(0));
  CHECK(function.plan(kNow).start == 0);
  CHECK(function.plan(kNow + wait).start == 1);
}

TEST_CASE("plan: surplus goes, those that serve nobody first") {
  Function function = function_of(1, 1);
  add(function, "a", 1, Phase::ready);
  add(function, "b", 1, Phase::starting);
  add(function, "c", 1, Phase::ready);
  CHECK(function.plan(kNow).stop == Ids{"b", "a"});
  function.record.replicas = 0;
  CHECK(function.plan(kNow).stop.size() == 3);
}

TEST_CASE("plan: an old revision serves until the new one is ready") {
  Function function = function_of(2, 2);
  add(function, "old1", 1, Phase::ready);
  add(function, "old2", 1, Phase::ready);
  CHECK(function.plan(kNow).start == 2);
  CHECK(function.plan(kNow).stop.empty());
  add(function, "new1", 2, Phase::ready);
  add(function, "new2", 2, Phase::starting);
  CHECK(function.plan(kNow).stop.empty());
  function.instances.at("new2").phase = Phase::ready;
  CHECK(function.plan(kNow).stop == Ids{"old1", "old2"});
}

TEST_CASE("plan: an old revision that is still starting is of no use") {
  Function function = function_of(2, 1);
  add(function, "old", 1, Phase::starting);
  CHECK(function.plan(kNow).stop == Ids{"old"});
}

TEST_CASE("plan: scaled to none, old revisions go as well") {
  Function function = function_of(2, 0);
  add(function, "old", 1, Phase::ready);
  CHECK(function.plan(kNow).stop == Ids{"old"});
  CHECK(function.plan(kNow).start == 0);
}

TEST_CASE("route: has the ready instances and the function's limits") {
  Function function = function_of(1, 2);
  function.record.spec.timeout = milliseconds(7000);
  function.record.spec.concurrency = 4;
  function.problem = "exit status 1";
  add(function, "a", 1, Phase::ready);
  add(function, "b", 1, Phase::starting);
  add(function, "c", 1, Phase::stopping);
  const auto route = function.route();
  CHECK(route->backends.size() == 1);
  CHECK(route->timeout == milliseconds(7000));
  CHECK(route->concurrency == 4);
  CHECK(route->problem == "exit status 1");
  CHECK(route->wanted);
}

TEST_CASE("status: tells why a function is not ready") {
  Function function = function_of(1, 1);
  function.back_off.failed(kNow, milliseconds(0));
  function.problem = "exit status 1";
  function.restarts = 1;
  const auto status = function.status(kNow);
  CHECK(status.replicas == 1);
  CHECK(status.available_replicas == 0);
  REQUIRE(status.instances.size() == 1);
  CHECK(status.instances[0].phase == "backoff");
  CHECK(status.instances[0].reason == "exit status 1; restarting in 250ms");
  CHECK(status.spec.labels.at("faas_function") == "f");
}

TEST_CASE("call_timeout: timeout, else exec_timeout, else the default") {
  FunctionSpec spec;
  CHECK(call_timeout(spec) == kDefaultTimeout);
  spec.environment["exec_timeout"] = "90";
  CHECK(call_timeout(spec) == milliseconds(90'000));
  spec.environment["exec_timeout"] = "0";
  CHECK(call_timeout(spec) == kDefaultTimeout);
  spec.environment["exec_timeout"] = "soon";
  CHECK(call_timeout(spec) == kDefaultTimeout);
  spec.timeout = milliseconds(1);
  CHECK(call_timeout(spec) == milliseconds(1));
}

TEST_CASE("initial_replicas: one, or the label's minimum") {
  FunctionSpec spec;
  CHECK(initial_replicas(spec) == 1);
  spec.labels["com.openfaas.scale.min"] = "2";
  CHECK(initial_replicas(spec) == 2);
  spec.labels["com.openfaas.scale.min"] = "0";
  CHECK(initial_replicas(spec) == 1);
  for (const char* bad : {"-1", "two", "1001", "", "99999999999999999999"}) {
    CAPTURE(bad);
    spec.labels["com.openfaas.scale.min"] = bad;
    CHECK_THROWS_AS(initial_replicas(spec), Error);
  }
}
