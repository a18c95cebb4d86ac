// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "daemon/logs/log_store.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace cubeflash;
using namespace cubeflash::daemon;

namespace {

const FunctionName kFunction{"hello", "openfaas-fn"};

struct TestFollowing {
  TemporaryDirectory place{std::filesystem::temp_directory_path()};
  std::unique_ptr<LogStore> store;

  explicit TestFollowing(LogLimits limits = {})
      : store(std::make_unique<LogStore>(place.path() / "logs", limits)) {}

  void append(const std::string& text, const std::string& instance = "hello-1") {
    store->append(kFunction, instance, std::chrono::system_clock::now(), text);
  }
};

} // namespace

TEST_CASE("LogFollower: gets the lines that come after it, in order") {
  TestFollowing logs;
  logs.append("before");
  const auto follower = logs.store->follow(kFunction, "");
  CHECK_FALSE(follower->take());
  logs.append("one");
  logs.append("two", "hello-2");
  logs.store->append({"other", "openfaas-fn"}, "i", std::chrono::system_clock::now(), "not mine");
  CHECK(follower->take()->text == "one");
  CHECK(follower->take()->instance == "hello-2");
  CHECK_FALSE(follower->take());
}

TEST_CASE("LogFollower: gets one instance's lines only when asked") {
  TestFollowing logs;
  const auto follower = logs.store->follow(kFunction, "hello-2");
  int woken = 0;
  follower->on_line([&] { ++woken; });
  logs.append("one", "hello-1");
  CHECK(woken == 0);
  logs.append("two", "hello-2");
  CHECK(woken == 1);
  CHECK(follower->take()->text == "two");
  CHECK_FALSE(follower->take());
}

TEST_CASE("LogFollower: wakes once, at the next line or at once when one is there") {
  TestFollowing logs;
  const auto follower = logs.store->follow(kFunction, "");
  int woken = 0;
  follower->on_line([&] { ++woken; });
  logs.append("one");
  logs.append("two");
  CHECK(woken == 1);
  follower->on_line([&] { ++woken; });
  CHECK(woken == 2);
  while (follower->take()) {
  }
  follower->on_line([&] { ++woken; });
  CHECK(woken == 2);
  logs.append("three");
  CHECK(woken == 3);
}

TEST_CASE("LogFollower: one that does not read loses the oldest lines and is told how many") {
  TestFollowing logs({.max_file_bytes = 1U << 20U, .max_follower_lines = 3});
  const auto slow = logs.store->follow(kFunction, "");
  const auto fast = logs.store->follow(kFunction, "");
  for (int i = 0; i < 10; ++i) {
    logs.append(std::to_string(i));
    CHECK(fast->take()->text == std::to_string(i));
  }
  CHECK(slow->take()->text == "[7 lines were left out: the reader was too slow]");
  CHECK(slow->take()->text == "7");
  CHECK(slow->take()->text == "8");
  CHECK(slow->take()->text == "9");
  CHECK_FALSE(slow->take());
}

TEST_CASE("LogFollower: may end itself, and begin another, from inside its wake") {
  TestFollowing logs;
  auto first = logs.store->follow(kFunction, "");
  auto second = logs.store->follow(kFunction, "");
  std::unique_ptr<LogFollower> third;
  int woken = 0;
  first->on_line([&] {
    ++woken;
    second.reset();
    first.reset();
    third = logs.store->follow(kFunction, "");
  });
  second->on_line([&] { ++woken; });
  logs.append("one");
  CHECK(woken >= 1);
  logs.append("two");
  REQUIRE(third);
  CHECK(third->take()->text == "two");
}

TEST_CASE("LogFollower: one whose wake throws does not keep lines from the others") {
  TestFollowing logs;
  const auto bad = logs.store->follow(kFunction, "");
  const auto good = logs.store->follow(kFunction, "");
  int woken = 0;
  bad->on_line([] { throw std::runtime_error("broken reader"); });
  good->on_line([&] { ++woken; });
  logs.append("one");
  CHECK(woken == 1);
  CHECK(good->take()->text == "one");
}

TEST_CASE("LogFollower: may outlive the store") {
  TestFollowing logs;
  const auto follower = logs.store->follow(kFunction, "");
  logs.append("one");
  logs.store.reset();
  CHECK(follower->take()->text == "one");
  CHECK_FALSE(follower->take());
}
