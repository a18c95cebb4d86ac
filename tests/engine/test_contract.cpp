// SPDX-License-Identifier: Apache-2.0
// What every engine promises (daemon/engine/engine.hpp), asked of each way the local one runs
// instances.
#include "common/base/error.hpp"
#include "daemon/engine/local/cgroup.hpp"
#include "tests/engine/engine_world.hpp"
#include "tests/engine/tool.hpp"

#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace cubeflash;
using namespace cubeflash::daemon;
using Clock = std::chrono::steady_clock;

namespace {

milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

ErrorKind start_failure(EngineWorld& world, InstanceSpec spec) {
  try {
    world.start(std::move(spec));
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::usage; // none of those an engine throws
}

// The longest that the control thread was not free to do something else.
struct Heartbeat {
  explicit Heartbeat(asio::io_context& control) : timer(control) { beat(); }

  void beat() {
    const auto now = Clock::now();
    longest = std::max(longest, std::chrono::duration_cast<milliseconds>(now - last));
    last = now;
    timer.expires_after(milliseconds(5));
    timer.async_wait([this](const boost::system::error_code& failure) {
      if (!failure) beat();
    });
  }

  asio::steady_timer timer;
  Clock::time_point last = Clock::now();
  milliseconds longest{0};
};

} // namespace

TEST_CASE(
    "contract: an instance starts, gets ready, answers, is measured, stops and leaves nothing") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    REQUIRE(world.adopted.empty());
    world.start(world.spec("hello-00000000")); // unpacks the image
    REQUIRE(world.wait_ready("hello-00000000"));
    const auto begin = Clock::now();
    world.start(world.spec("hello-00000001"));
    REQUIRE(world.wait_ready("hello-00000001"));
    MESSAGE(variant.name << ": ready after " << since(begin).count() << " ms");
    const auto response = world.post("hello-00000001", "some body");
    CAPTURE(response);
    CHECK(response.starts_with("HTTP/1.1 200"));
    CHECK(response.ends_with("some body"));
    const auto usage = world.engine().usage("hello-00000001");
    REQUIRE(usage);
    CHECK(usage->memory_bytes > 100'000);
    CHECK(processes_of("hello-00000001").size() >= 1);
    world.stop("hello-00000001");
    REQUIRE(world.wait_exit("hello-00000001"));
    CHECK(world.seen.exits["hello-00000001"] == "stopped");
    CHECK(processes_of("hello-00000001").empty());
    CHECK_FALSE(std::filesystem::exists(world.directory("hello-00000001").path()));
    CHECK_FALSE(world.engine().usage("hello-00000001"));
    CHECK_FALSE(world.seen.exits.contains("hello-00000000"));
    world.stop_all();
  }
}

TEST_CASE("contract: the reason of an instance that fails has its exit status and its last words") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    world.start(world.spec("fail-00000001", "crash:3"));
    REQUIRE(world.wait_exit("fail-00000001"));
    CHECK(world.seen.exits["fail-00000001"] == "exit status 3: about to fail");
    CHECK(world.seen.has_line("fail-00000001", "about to fail"));
    if (!variant.sandbox) { // no signal reaches PID 1 of a sandbox from inside
      world.start(world.spec("fail-00000002", "die:9"));
      REQUIRE(world.wait_exit("fail-00000002"));
      CHECK(world.seen.exits["fail-00000002"] == "killed by signal 9 (Killed)");
    }
    CHECK_FALSE(world.seen.ready.contains("fail-00000001"));
    CHECK(list_instance_directories(world.home()).empty());
  }
}

TEST_CASE("contract: an image without its entrypoint fails with a reason that names it") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    const auto images = scratch_directory() / fmt::format("images-{}", variant.name);
    EngineWorld world({.images = images, .sandbox = variant.sandbox});
    ImageStore store(images);
    world.image = push_test_image(store, {"/home/app/nothing"});
    std::string reason;
    try {
      world.start(world.spec("lost-00000001"));
      REQUIRE(world.wait_exit("lost-00000001"));
      reason = world.seen.exits["lost-00000001"];
    } catch (const Error& error) {
      reason = error.what();
    }
    CAPTURE(reason);
    CHECK(reason.find("/home/app/nothing") != std::string::npos);
    CHECK(reason.find("No such file") != std::string::npos);
    CHECK(list_instance_directories(world.home()).empty());
    world.image = push_test_image(store, {});
    CHECK(start_failure(world, world.spec("lost-00000002")) == ErrorKind::invalid);
    world.image = "sha256:" + std::string(64, '0');
    CHECK(start_failure(world, world.spec("lost-00000003")) == ErrorKind::not_found);
    CHECK(list_instance_directories(world.home()).empty());
  }
}

TEST_CASE("contract: a second instance of the same id is refused, unknown ids are ignored") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    world.start(world.spec("twice-00000001"));
    CHECK(start_failure(world, world.spec("twice-00000001")) == ErrorKind::conflict);
    CHECK(start_failure(world, world.spec("../escape")) == ErrorKind::invalid);
    world.stop("nobody-00000001");
    CHECK_FALSE(world.engine().usage("nobody-00000001"));
    CHECK(world.wait_ready("twice-00000001"));
    world.stop_all();
  }
}

TEST_CASE("contract: an instance that ignores SIGTERM is killed after its grace") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    auto spec = world.spec("deaf-00000001", "ignore-term");
    spec.stop_grace = milliseconds(700);
    world.start(spec);
    REQUIRE(world.wait_ready("deaf-00000001"));
    const auto begin = Clock::now();
    world.stop("deaf-00000001");
    world.stop("deaf-00000001"); // twice is once
    REQUIRE(world.wait_exit("deaf-00000001"));
    CHECK(since(begin) >= milliseconds(700));
    CHECK(since(begin) < milliseconds(7'000));
    CHECK(world.seen.exits["deaf-00000001"] == "stopped");
    CHECK(processes_of("deaf-00000001").empty());
  }
}

TEST_CASE("contract: an instance that is stopped before it is ready ends without its grace") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    auto spec = world.spec("early-00000001", "silent");
    spec.stop_grace = milliseconds(60'000);
    world.start(spec);
    world.stop("early-00000001");
    REQUIRE(world.wait_exit("early-00000001"));
    CHECK(world.seen.exits["early-00000001"] == "stopped");
    CHECK(processes_of("early-00000001").empty());
    CHECK(list_instance_directories(world.home()).empty());
  }
}

TEST_CASE("contract: an instance that does not get ready in time is ended and says so") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox, .start_timeout = milliseconds(1'500)});
    world.start(world.spec("mute-00000001", "silent"));
    world.start(world.spec("mute-00000002", "close-ready"));
    REQUIRE(world.wait_exit("mute-00000001"));
    REQUIRE(world.wait_exit("mute-00000002"));
    CHECK(world.seen.exits["mute-00000001"] == "not ready within 1.5s");
    CHECK(world.seen.exits["mute-00000002"].find("readiness descriptor") != std::string::npos);
    CHECK(processes_of("mute-00000001").empty());
  }
}

TEST_CASE("contract: children in sessions of their own end with their instance") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    world.start(world.spec("family-00000001", "children"));
    REQUIRE(world.wait_ready("family-00000001"));
    CHECK(world.wait([] { return processes_of("family-00000001").size() >= 4; }));
    world.stop("family-00000001");
    REQUIRE(world.wait_exit("family-00000001"));
    CHECK(processes_of("family-00000001").empty());
  }
}

TEST_CASE("contract: a reached memory limit is the reason that is given") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    auto spec = world.spec("hungry-00000001", "memory:268435456");
    spec.memory_bytes = 64 << 20;
    world.start(spec);
    REQUIRE(world.wait_exit("hungry-00000001"));
    const auto reason = world.seen.exits["hungry-00000001"];
    CAPTURE(reason);
    CHECK(reason.find("memory limit") != std::string::npos);
    CHECK(reason.find("64Mi") != std::string::npos);
  }
}

TEST_CASE("contract: a memory limit that is too small for anything is no failure of start") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    auto spec = world.spec("tiny-00000001", "memory:67108864");
    spec.memory_bytes = 5 << 20;
    world.start(spec);
    REQUIRE(world.wait_exit("tiny-00000001"));
    const auto reason = world.seen.exits["tiny-00000001"];
    CAPTURE(reason);
    CHECK(reason.find("5Mi") != std::string::npos);
    CHECK(list_instance_directories(world.home()).empty());
  }
}

TEST_CASE("contract: an instance makes no more processes than it may, where this account can limit "
          "them") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    auto spec = world.spec("many-00000001", "forks:100");
    spec.max_processes = 20;
    world.start(spec);
    REQUIRE(world.wait_ready("many-00000001"));
    const auto record = world.directory("many-00000001").read_record();
    REQUIRE(record);
    if (record->cgroups.empty() && !record->uid) {
      MESSAGE("not limited here: neither a pids cgroup nor an account of its own");
      CHECK(world.wait([&] { return world.seen.has_line("many-00000001", "forked 100"); }));
    } else {
      CHECK(world.wait([&] { return world.seen.has_line("many-00000001", "forked "); }));
      CHECK_FALSE(world.seen.has_line("many-00000001", "forked 100"));
    }
    world.stop("many-00000001");
    REQUIRE(world.wait_exit("many-00000001"));
    CHECK(processes_of("many-00000001").empty());
  }
}

TEST_CASE("contract: a gigabyte of output arrives whole and does not keep others waiting") {
  constexpr std::uint64_t kBytes = 1'000'000'000;
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    world.start(world.spec("loud-00000001", "flood:1000000000"));
    REQUIRE(world.wait_ready("loud-00000001"));
    Heartbeat heartbeat(world.control());
    world.start(world.spec("quiet-00000001"));
    REQUIRE(world.wait_ready("quiet-00000001"));
    CHECK(world.post("quiet-00000001", "here").ends_with("here"));
    CHECK(world.wait([&] { return world.seen.bytes["loud-00000001"] >= kBytes; },
                     milliseconds(240'000)));
    CHECK(heartbeat.longest < milliseconds(2'000));
    MESSAGE(variant.name << ": the control thread was busy for at most "
                         << heartbeat.longest.count() << " ms");
    world.stop_all();
    // The watchdog says a few lines of its own.
    CHECK(world.seen.bytes["loud-00000001"] - kBytes < 4096);
  }
}

TEST_CASE("contract: what it is given reaches the instance, and its output is told line by line") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    auto spec = world.spec("told-00000001");
    spec.environment["fprocess"] = "env";
    world.start(spec);
    REQUIRE(world.wait_ready("told-00000001"));
    const auto response = world.post("told-00000001", "");
    CAPTURE(response);
    for (const char* entry : {"FROM_IMAGE=yes",
                              "from_spec=yes",
                              "OPENFAAS_NAME=tested",
                              "OPENFAAS_NAMESPACE=openfaas-fn"})
      CHECK(response.find(entry) != std::string::npos);
    CHECK(world.wait([&] { return world.seen.has_line("told-00000001", "Forking fprocess"); }));
    world.stop_all();
  }
}
