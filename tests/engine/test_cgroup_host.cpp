// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "daemon/engine/local/cgroup.hpp"
#include "daemon/engine/local/cgroup_host.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace cubeflash;
using namespace cubeflash::daemon;
namespace fs = std::filesystem;

TEST_CASE("cgroup hierarchies: hybrid, each v1 controller with this process's own place in it") {
  const auto found = parse_hierarchies(
      "22 27 0:21 / /proc rw - proc proc rw\n"
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw shared:3 - cgroup cgroup rw,memory\n"
      "36 31 0:33 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      "5:devices:/\n4:memory:/jobs/abc\n1:cpu,cpuacct:/\n0::/\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].controllers == std::set<std::string>{"cpu", "cpuacct"});
  CHECK(fs::path(found[0].own).lexically_normal() == "/sys/fs/cgroup/cpu,cpuacct/");
  CHECK(found[1].own == "/sys/fs/cgroup/memory/jobs/abc");
  CHECK(found[2].v2);
}

TEST_CASE("cgroup hierarchies: a container that shows only its own part of the tree") {
  const auto found = parse_hierarchies(
      "35 31 0:32 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/docker/abc/inner\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].own == "/sys/fs/cgroup/inner");
  const auto outside = parse_hierarchies(
      "35 31 0:32 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/other\n");
  CHECK(outside[0].own == "/sys/fs/cgroup");
  CHECK(parse_hierarchies("", "").empty());
}

TEST_CASE("cgroup: v2's files get the limits and give the counts") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  for (const char* file : {"memory.max", "memory.swap.max", "cpu.max", "pids.max", "cgroup.procs"})
    write_file_atomic(directory.path() / file, "");
  write_file_atomic(directory.path() / "memory.events", "low 0\noom 3\noom_kill 2\n");
  write_file_atomic(directory.path() / "memory.current", "5000000\n");
  write_file_atomic(directory.path() / "memory.stat", "anon 1\ninactive_file 1000000\n");
  write_file_atomic(directory.path() / "cpu.stat", "usage_usec 7000\nuser_usec 1\n");
  const Cgroup cgroup({directory.path()});
  cgroup.create({.memory_bytes = 1 << 20, .cpu_millis = 250, .max_processes = 9});
  CHECK(read_file(directory.path() / "memory.max") == "1048576");
  CHECK(read_file(directory.path() / "memory.swap.max") == "0");
  CHECK(read_file(directory.path() / "cpu.max") == "25000 100000");
  CHECK(read_file(directory.path() / "pids.max") == "9");
  CHECK(cgroup.out_of_memory_kills() == 2);
  const auto usage = cgroup.usage();
  REQUIRE(usage);
  CHECK(usage->memory_bytes == 4000000);
  CHECK(usage->cpu == milliseconds(7));
  CHECK(cgroup.open_joining().size() == 1);
}

TEST_CASE("cgroup: none at all is harmless") {
  const Cgroup none;
  none.create({.memory_bytes = 1, .cpu_millis = 1, .max_processes = 1});
  none.kill();
  CHECK(none.remove());
  CHECK(none.members().empty());
  CHECK(none.out_of_memory_kills() == 0);
  CHECK_FALSE(none.usage());
  CHECK(CgroupHost().describe() == "none");
}
