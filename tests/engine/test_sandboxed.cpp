// SPDX-License-Identifier: Apache-2.0
// What an instance can see and reach of its host.
#include "common/base/error.hpp"
#include "daemon/engine/endpoint.hpp"
#include "daemon/engine/local/host.hpp"
#include "daemon/engine/local/launch.hpp"
#include "daemon/engine/local/process_table.hpp"
#include "tests/engine/engine_world.hpp"
#include "tests/engine/tool.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>

using namespace cubeflash;
using namespace cubeflash::daemon;
namespace fs = std::filesystem;

TEST_CASE("sandbox: an instance sees its image and the system, and can write to /tmp and its "
          "socket's directory only") {
  if (!has_watchdog() || !has_sandbox()) return;
  EngineWorld world({});
  world.start(world.spec("looking-00000001", "inspect"));
  REQUIRE(world.wait_exit("looking-00000001"));
  std::string all;
  for (const auto& line : world.seen.lines["looking-00000001"])
    all += line + "\n";
  CAPTURE(all);
  const auto has = [&](std::string_view text) { return all.find(text) != std::string::npos; };
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    CHECK(has(fmt::format("{}:\t0000000000000000\n", set)));
  CHECK(has("NoNewPrivs:\t1\n"));
  CHECK(has("pid 1 "));
  CHECK_FALSE(has("uid 0\n"));
  CHECK(has("entry /home/app\n"));
  CHECK(has("entry /cubeflash\n"));
  CHECK(has("entry /usr\n"));
  CHECK_FALSE(has("entry /root/"));
  CHECK_FALSE(has("entry /work\n"));
  CHECK_FALSE(has("entry /tmp/"));
  for (const char* directory : {"/", "/home/app", "/cubeflash", "/usr", "/etc"})
    CHECK_FALSE(has(fmt::format("write {}: yes", directory)));
  CHECK(has("write /tmp: yes"));
  CHECK(has("write /run/cubeflash: yes"));
  CHECK_FALSE(has("read /etc/shadow: yes"));
  // stdin, output and readiness; nothing of bubblewrap's or the daemon's.
  CHECK(has("descriptor 3 pipe:"));
  for (int fd = 4; fd < 1024; ++fd)
    CHECK_FALSE(has(fmt::format("descriptor {} ", fd)));
  CHECK(world.seen.exits["looking-00000001"].starts_with("exit status 0"));
}

TEST_CASE("sandbox: an image that brings a system of its own is refused with a hint") {
  if (!has_watchdog() || !has_sandbox()) return;
  const auto images = scratch_directory() / "images-system";
  EngineWorld world({.images = images});
  ImageStore store(images);
  for (const char* file : {"usr/bin/tool", "lib64/ld.so", "etc/passwd"}) {
    world.image = push_test_image(store, {"/home/app/behave"}, {file});
    try {
      world.start(world.spec("whole-00000001"));
      FAIL("started");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::unsupported);
      CHECK(std::string(error.what()).find("docker engine") != std::string::npos);
    }
    CHECK(list_instance_directories(world.home()).empty());
  }
}

TEST_CASE("root: every instance has an account of its own, in the sandbox and without it") {
  if (::geteuid() != 0) return skipped("needs root");
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.sandbox = variant.sandbox});
    std::set<uid_t> uids;
    for (const char* id : {"own-00000001", "own-00000002"}) {
      world.start(world.spec(id));
      REQUIRE(world.wait_ready(id));
      const auto record = *world.directory(id).read_record();
      REQUIRE(record.uid);
      CHECK(*record.uid >= kFirstUid);
      uids.insert(*record.uid);
      CHECK(process_uid(record.process.pid) == *record.uid);
      for (const pid_t pid : processes_of(id))
        CHECK(process_uid(pid) == *record.uid);

      struct stat status {};

      REQUIRE(::stat(world.directory(id).socket_directory().c_str(), &status) == 0);
      CHECK(status.st_uid == *record.uid);
      CHECK((status.st_mode & 0777U) == 0700U);
    }
    CHECK(uids.size() == 2);
    CHECK(first_closed_directory(world.directory("own-00000001").path()) == std::nullopt);
    world.stop_all();
  }
}

TEST_CASE("root: a home that others cannot pass runs sandboxes without accounts of their own, and "
          "refuses plain processes") {
  if (::geteuid() != 0) return skipped("needs root");
  const auto closed = scratch_directory() / "closed";
  fs::create_directory(closed);
  REQUIRE(::chmod(closed.c_str(), 0700) == 0);
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world({.home = closed / variant.name, .sandbox = variant.sandbox});
    if (!variant.sandbox) {
      CHECK_THROWS_AS(world.start(world.spec("shut-00000001")), Error);
      CHECK(list_instance_directories(world.home()).empty());
      continue;
    }
    world.start(world.spec("shut-00000001"));
    REQUIRE(world.wait_ready("shut-00000001"));
    CHECK_FALSE(world.directory("shut-00000001").read_record()->uid);
    CHECK(world.post("shut-00000001", "inside").ends_with("inside"));
    world.start(world.spec("shut-00000002", "inspect"));
    REQUIRE(world.wait_exit("shut-00000002"));
    CHECK(world.seen.has_line("shut-00000002", "CapEff:\t0000000000000000"));
    CHECK_FALSE(world.seen.has_line("shut-00000002", "read /etc/shadow: yes"));
    world.stop_all();
  }
}

TEST_CASE("socket: a home whose path is longer than a socket's address works") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    EngineWorld world(
        {.home = scratch_directory() / std::string(100, 'l') / std::string(60, variant.name[0]),
         .sandbox = variant.sandbox});
    world.start(world.spec("long-00000001"));
    REQUIRE(world.wait_ready("long-00000001"));
    CHECK(world.seen.ready["long-00000001"].unix_path.size() > 160);
    CHECK(world.post("long-00000001", "far away").ends_with("far away"));
    world.stop_all();
  }
}
