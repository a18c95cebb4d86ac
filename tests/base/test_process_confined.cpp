// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

using namespace cubeflash;
using namespace std::chrono_literals;

namespace {

constexpr uid_t kNobody = 65534;

struct Outcome {
  std::string out;
  ExitStatus status;
};

Outcome run_confined(const std::string& script, const Confinement& confinement) {
  Pipe pipe = Pipe::create();
  Process process = spawn_confined(
      {.program = "/bin/sh", .args = {"-c", script}}, {-1, pipe.write.get(), -1, {}}, confinement);
  pipe.write.reset();
  Outcome outcome;
  std::array<char, 4096> buffer{};
  ssize_t n = 0;
  while ((n = ::read(pipe.read.get(), buffer.data(), buffer.size())) > 0)
    outcome.out.append(buffer.data(), static_cast<std::size_t>(n));
  const auto status = process.wait_for(10s);
  REQUIRE(status);
  outcome.status = *status;
  return outcome;
}

// Tests that need root: false after saying why they are skipped.
bool have_root() {
  if (::geteuid() == 0) return true;
  REQUIRE_MESSAGE(std::getenv("CFLASH_NO_SKIP") == nullptr, "needs root");
  MESSAGE("SKIPPED: needs root");
  return false;
}

} // namespace

TEST_CASE("confined: limits hold for the child and not for us") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const auto outcome =
      run_confined("ulimit -n; ulimit -f",
                   {.cgroup_procs = {},
                    .limits = {{RLIMIT_NOFILE, {33, 33}}, {RLIMIT_FSIZE, {1024, 1024}}},
                    .uid = {}});
  CHECK(outcome.out == "33\n2\n"); // dash counts blocks of 512 bytes
  rlimit after{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_cur);
}

TEST_CASE("confined: a limit is a wall: the child that writes too much is ended by the kernel") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const auto path = directory.path() / "big";
  const auto outcome =
      run_confined("head -c 100000 /dev/zero > " + path.string() + " 2>/dev/null; echo $?",
                   {.limits = {{RLIMIT_FSIZE, {4096, 4096}}}});
  CHECK(trim(outcome.out) != "0");
  CHECK(std::filesystem::file_size(path) == 4096);
}

TEST_CASE("confined: new privileges are given up unless asked otherwise") {
  const std::string script = "grep NoNewPrivs /proc/self/status";
  CHECK(run_confined(script, {}).out == "NoNewPrivs:\t1\n");
  CHECK(run_confined(script, {.no_new_privileges = false}).out == "NoNewPrivs:\t0\n");
}

TEST_CASE("confined: root becomes another user altogether, without groups or capabilities") {
  if (!have_root()) return;
  const auto outcome = run_confined(
      "id -u; id -g; id -G; grep -E '^(Uid|Gid|Groups|CapEff|CapPrm)' /proc/self/status",
      {.uid = kNobody});
  const auto lines = split(outcome.out, '\n');
  REQUIRE(lines.size() >= 8);
  CHECK(lines[0] == "65534");
  CHECK(lines[1] == "65534");
  CHECK(lines[2] == "65534");
  CHECK(lines[3] == "Uid:\t65534\t65534\t65534\t65534");
  CHECK(lines[4] == "Gid:\t65534\t65534\t65534\t65534");
  CHECK(trim(lines[5]) == "Groups:");
  CHECK(lines[6].ends_with("0000000000000000"));
  CHECK(lines[7].ends_with("0000000000000000"));
}

TEST_CASE("confined: the other user cannot read what is root's") {
  if (!have_root()) return;
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const auto path = directory.path() / "secret";
  write_file_atomic(path, "secret", 0600);
  const auto outcome = run_confined("cat " + path.string() + " 2>&1", {.uid = kNobody});
  CHECK_FALSE(outcome.status.ok());
  CHECK(outcome.out.find("Permission denied") != std::string::npos);
}

TEST_CASE("confined: joins the cgroups before anything else, by writing to their files") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const auto path = directory.path() / "cgroup.procs"; // a plain file stands in for the kernel's
  const Fd file = open_file(path, O_WRONLY | O_CREAT, 0600);
  run_confined("true", {.cgroup_procs = {file.get()}, .limits = {}});
  CHECK(read_file(path) == "0");
}

TEST_CASE("confined: a step that fails in the child is an error here that names it") {
  const Fd read_only = open_file("/dev/null", O_RDONLY);
  try {
    spawn_confined({.program = "true"}, {}, {.cgroup_procs = {read_only.get()}, .limits = {}});
    FAIL("nothing was thrown");
  } catch (const SystemError& error) {
    CHECK(error.code() == EBADF);
    CHECK(std::string(error.what()) == "starting true: joining a cgroup: Bad file descriptor");
  }
}

TEST_CASE(
    "confined: a missing program, a missing directory and a file that is no program are errors") {
  CHECK_THROWS_AS(spawn_confined({.program = "no-such-program-here"}, {}, {}), SystemError);
  CHECK_THROWS_WITH_AS(spawn_confined({.program = "true", .cwd = "/nowhere"}, {}, {}),
                       doctest::Contains("changing directory: No such file or directory"),
                       SystemError);
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const auto path = directory.path() / "data";
  write_file_atomic(path, "not a program", 0755);
  CHECK_THROWS_WITH_AS(spawn_confined({.program = path.string()}, {}, {}),
                       doctest::Contains("executing: Exec format error"),
                       SystemError);
}

TEST_CASE("confined: the child leads a group of its own, with default signals, and leaks nothing") {
  const Fd leaky(::open("/dev/null", O_RDONLY)); // NOLINT(android-cloexec-open) - the point
  const Fd high(::fcntl(leaky.get(), F_DUPFD, 200));
  const auto outcome =
      run_confined("ps -o pgid= -p $$; echo $$; grep SigIgn /proc/self/status; "
                   "for n in 3 4 5 6 7 8 9 200; do [ -e /proc/$$/fd/$n ] && echo leaked $n; done",
                   {});
  const auto lines = split(outcome.out, '\n');
  REQUIRE(lines.size() >= 3);
  CHECK(trim(lines[0]) == lines[1]);
  CHECK(lines[2].ends_with("0000000000000000"));
  CHECK(outcome.out.find("leaked") == std::string::npos);
}
