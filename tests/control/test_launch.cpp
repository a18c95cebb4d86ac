// SPDX-License-Identifier: Apache-2.0
#include "common/base/text.hpp"
#include "daemon/control/launch.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::daemon;

TEST_CASE("instance_spec: ids are DNS labels and never the same, also for the longest names") {
  FunctionRecord record;
  record.spec.name = {std::string(63, 'a')};
  const auto one = instance_spec(record);
  const auto two = instance_spec(record);
  CHECK(is_dns_label(one.id));
  CHECK(one.id != two.id);
}

TEST_CASE(
    "instance_spec: one timeout becomes the watchdog's three, and the function's own entries win") {
  FunctionRecord record;
  record.spec.name = {"f"};
  record.spec.timeout = milliseconds(90'000);
  record.spec.environment["write_timeout"] = "5s";
  const auto spec = instance_spec(record);
  CHECK(spec.environment.at("exec_timeout") == "1m30s");
  CHECK(spec.environment.at("read_timeout") == "1m30s");
  CHECK(spec.environment.at("write_timeout") == "5s");
  CHECK(spec.stop_grace > milliseconds(90'000));
}

TEST_CASE("instance_spec: envProcess becomes fprocess unless the environment has one") {
  FunctionRecord record;
  record.spec.name = {"f"};
  CHECK(instance_spec(record).environment.count("fprocess") == 0);
  record.spec.env_process = "cat";
  CHECK(instance_spec(record).environment.at("fprocess") == "cat");
  record.spec.environment["fprocess"] = "env";
  CHECK(instance_spec(record).environment.at("fprocess") == "env");
}

TEST_CASE("instance_spec: limits become numbers, absent ones stay absent") {
  FunctionRecord record;
  record.spec.name = {"f"};
  CHECK_FALSE(instance_spec(record).memory_bytes);
  record.spec.limits = {"5Mi", "250m"};
  CHECK(instance_spec(record).memory_bytes == 5 * 1024 * 1024);
  CHECK(instance_spec(record).cpu_millis == 250);
}
