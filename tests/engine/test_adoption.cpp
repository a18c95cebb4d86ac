// SPDX-License-Identifier: Apache-2.0
// Daemons that are killed with SIGKILL while instances run, or while they start.
#include "common/base/environment.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"
#include "daemon/engine/local/adoption.hpp"
#include "daemon/engine/local/leftovers.hpp"
#include "tests/engine/engine_world.hpp"
#include "tests/engine/tool.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <random>
#include <set>
#include <thread>

using namespace cubeflash;
using namespace cubeflash::daemon;
namespace fs = std::filesystem;

namespace {

// An engine in a process of its own.
class Child {
 public:
  Child(const EngineWorld& world, const Variant& variant, const std::vector<std::string>& ids) {
    Pipe out = Pipe::create();
    Command command;
    command.program = (executable_directory() / "engine_child").string();
    command.args = {world.home().string(),
                    (scratch_directory() / "images").string(),
                    world.image,
                    variant.sandbox ? "sandbox" : "plain"};
    command.args.insert(command.args.end(), ids.begin(), ids.end());
    process_ = spawn(command, {-1, out.write.get(), 2, {}});
    out_ = std::move(out.read);
  }

  // Whether it says so within 60 seconds.
  bool wait_for(const std::string& line) {
    while (text_.find(line + "\n") == std::string::npos) {
      pollfd wait{out_.get(), POLLIN, 0};
      if (::poll(&wait, 1, 60'000) <= 0) return false;
      std::array<char, 4096> buffer{};
      const auto n = ::read(out_.get(), buffer.data(), buffer.size());
      if (n <= 0) return false;
      text_.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return true;
  }

  void kill() { process_.terminate(milliseconds(0)); }

 private:
  Process process_;
  Fd out_;
  std::string text_;
};

std::set<std::string> directories_in(const fs::path& home) {
  std::set<std::string> names;
  for (const auto& directory : list_instance_directories(home))
    names.insert(directory.path().filename());
  return names;
}

} // namespace

TEST_CASE("adoption: instances outlive a killed daemon, serve the next one, and stop for it") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    fs::path home;
    const std::vector<std::string> ids{"kept-00000001", "kept-00000002"};
    std::set<pid_t> pids;
    {
      const EngineWorld empty({.sandbox = variant.sandbox});
      home = empty.home();
      Child child(empty, variant, ids);
      for (const auto& id : ids)
        REQUIRE(child.wait_for("ready " + id));
      child.kill();
      for (const auto& id : ids)
        pids.insert(empty.directory(id).read_record()->process.pid);
    }
    EngineWorld world({.home = home, .sandbox = variant.sandbox});
    REQUIRE(world.adopted.size() == 2);
    CHECK(world.adopted[0].function.name == "tested");
    CHECK(world.adopted[0].revision == 7);
    for (const auto& id : ids) {
      REQUIRE(world.wait_ready(id));
      CHECK(pids.contains(world.directory(id).read_record()->process.pid));
      CHECK(world.post(id, "again").ends_with("again"));
      CHECK(world.wait([&] { return world.seen.has_line(id, "Forking fprocess"); }));
      CHECK(world.engine().usage(id));
    }
    world.stop(ids[0]);
    REQUIRE(world.wait_exit(ids[0]));
    CHECK(world.seen.exits[ids[0]] == "stopped");
    // One that ends by itself.
    signal_process(variant.sandbox ? sandbox_init(world.directory(ids[1]),
                                                  *world.directory(ids[1]).read_record())
                                   : world.directory(ids[1]).read_record()->process,
                   SIGKILL);
    REQUIRE(world.wait_exit(ids[1]));
    if (variant.sandbox) CHECK(world.seen.exits[ids[1]] == "killed by signal 9 (Killed)");
    for (const auto& id : ids)
      CHECK(processes_of(id).empty());
    CHECK(directories_in(home).empty());
  }
}

TEST_CASE("adoption: a release leaves instances running for the next engine") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    fs::path home;
    {
      EngineWorld world({.sandbox = variant.sandbox});
      home = world.home();
      world.start(world.spec("calm-00000001"));
      REQUIRE(world.wait_ready("calm-00000001"));
    }
    EngineWorld next({.home = home, .sandbox = variant.sandbox});
    REQUIRE(next.adopted.size() == 1);
    REQUIRE(next.wait_ready("calm-00000001"));
    CHECK(next.post("calm-00000001", "still").ends_with("still"));
    next.stop_all();
    CHECK(processes_of("calm-00000001").empty());
  }
}

TEST_CASE("adoption: a daemon killed anywhere in a start leaves nothing unknown") {
  std::mt19937 random(20260102);
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    std::size_t adopted = 0;
    std::size_t lost = 0;
    for (int round = 0; round < 20; ++round) {
      fs::path home;
      const std::string tag = fmt::format("{}{:02}", variant.name, round);
      const std::vector<std::string> ids{"a-" + tag, "b-" + tag, "c-" + tag};
      {
        const EngineWorld empty({.sandbox = variant.sandbox});
        home = empty.home();
        Child child(empty, variant, ids);
        REQUIRE(child.wait_for("starting"));
        std::this_thread::sleep_for(
            std::chrono::microseconds(random() % 60'000)); // any moment of the start
        child.kill();
      }
      EngineWorld world({.home = home, .sandbox = variant.sandbox});
      std::set<std::string> known;
      for (const auto& instance : world.adopted)
        known.insert(instance.id);
      adopted += known.size();
      lost += ids.size() - known.size();
      CHECK(directories_in(home) == known);
      for (const auto& id : ids) {
        CAPTURE(id);
        if (known.contains(id))
          CHECK(world.wait_ready(id));
        else
          CHECK(processes_of(id).empty());
      }
      world.stop_all();
      for (const auto& id : ids)
        CHECK(processes_of(id).empty());
      CHECK(directories_in(home).empty());
    }
    MESSAGE(variant.name << ": " << adopted << " adopted, " << lost << " cleared");
  }
}

TEST_CASE("adoption: broken, foreign and outdated directories are cleared") {
  const EngineWorld world({.sandbox = false});
  const auto make = [&](const std::string& id) {
    const auto directory = world.directory(id);
    directory.create({});
    return directory;
  };
  make("empty-00000001");
  write_file_atomic(make("broken-00000001").path() / "record.json", "{\"id\": ");
  InstanceRecord record;
  record.id = "ours-00000001";
  record.boot_id = "of another boot";
  record.process = process_facts(::getpid())->identity; // alive, and none of its business
  make(record.id).write_record(record);
  record.id = "reused-00000001";
  record.boot_id = boot_id();
  record.process.start_time += 1;
  make(record.id).write_record(record);
  CHECK(find_instances(world.home()).empty());
  CHECK(directories_in(world.home()).empty());
}

TEST_CASE("adoption: a stop that a killed daemon had begun is finished") {
  for (const auto& variant : variants()) {
    CAPTURE(variant.name);
    fs::path home;
    {
      EngineWorld world({.sandbox = variant.sandbox});
      home = world.home();
      auto spec = world.spec("leaving-00000001", "ignore-term");
      world.start(spec);
      REQUIRE(world.wait_ready("leaving-00000001"));
      world.stop("leaving-00000001");
    }
    EngineWorld next({.home = home, .sandbox = variant.sandbox});
    CHECK(next.adopted.empty());
    CHECK(next.wait([&] { return directories_in(home).empty(); }));
    CHECK(processes_of("leaving-00000001").empty());
    CHECK(next.seen.exits.empty());
  }
}
