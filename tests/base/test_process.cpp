// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/base/text.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>

using namespace cubeflash;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

Command shell(const std::string& script) {
  return {.program = "/bin/sh", .args = {"-c", script}};
}

bool is_alive(pid_t pid) {
  if (::kill(pid, 0) != 0) return false;
  // A zombie that waits for the init process to reap it is dead.
  try {
    const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
    return stat.substr(stat.rfind(')') + 2, 1) != "Z";
  } catch (const Error&) {
    return false;
  }
}

bool ends_within(pid_t pid, milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (is_alive(pid)) {
    if (Clock::now() > deadline) return false;
    ::usleep(2000);
  }
  return true;
}

// Waits until a shell has said that it is set up.
void read_line(int fd) {
  char c = 0;
  while (::read(fd, &c, 1) == 1 && c != '\n') {
  }
}

} // namespace

TEST_CASE("run: gives back both outputs and the exit status") {
  const auto result = run(shell("echo out; echo err >&2; exit 3"));
  CHECK(result.out == "out\n");
  CHECK(result.err == "err\n");
  CHECK(result.status.code() == 3);
  CHECK_FALSE(result.status.ok());
  CHECK(result.status.describe() == "exit status 3");
  CHECK_FALSE(result.timed_out);
  CHECK_FALSE(result.truncated);
}

TEST_CASE("run: reports the signal that ended the child") {
  const auto result = run(shell("kill -9 $$"));
  CHECK(result.status.signal() == SIGKILL);
  CHECK_FALSE(result.status.code());
  CHECK(result.status.describe() == "killed by signal 9 (Killed)");
}

TEST_CASE("run: arguments reach the program as they are, never through a shell") {
  const auto result = run({.program = "printf", .args = {"%s|", "a b", "$HOME", "`id`", "", "*"}});
  CHECK(result.out == "a b|$HOME|`id`||*|");
}

TEST_CASE("run: the environment, the directory and argv[0] are as told") {
  const auto env =
      run({.program = "/usr/bin/env", .args = {}, .env = std::vector<std::string>{"A=1", "B=x y"}});
  CHECK(env.out == "A=1\nB=x y\n");
  const auto none = run({.program = "/usr/bin/env", .args = {}, .env = std::vector<std::string>{}});
  CHECK(none.out.empty());
  CHECK(run({.program = "pwd", .args = {"-P"}, .cwd = "/usr"}).out == "/usr\n");
  CHECK(run({.program = "/bin/sh", .args = {"-c", "echo $0"}, .argv0 = "renamed"}).out ==
        "renamed\n");
}

TEST_CASE("run: a missing program is an error that names it") {
  try {
    run({.program = "no-such-program-here"});
    FAIL("nothing was thrown");
  } catch (const SystemError& error) {
    CHECK(error.code() == ENOENT);
    CHECK(error.kind() == ErrorKind::not_found);
    CHECK(std::string(error.what()) == "starting no-such-program-here: No such file or directory");
  }
}

TEST_CASE("run: a file that is no program, and a directory that is missing, are errors") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto path = directory.path() / "data";
  write_file_atomic(path,
                    std::string("\x7F"
                                "ELF garbage\0\0",
                                13),
                    0755);
  CHECK_THROWS_AS(run({.program = path.string()}), SystemError);
  write_file_atomic(path, "x", 0644);
  CHECK_THROWS_AS(run({.program = path.string()}), SystemError);
  CHECK_THROWS_AS(run({.program = "true", .cwd = "/nowhere"}), SystemError);
}

TEST_CASE("run: feeds a large input while it drains the output") {
  RunOptions options;
  options.input.assign(4U << 20U, 'x');
  options.max_output = 8U << 20U;
  const auto result = run({.program = "cat"}, options);
  CHECK(result.status.ok());
  CHECK(result.out.size() == options.input.size());
}

TEST_CASE("run: a child that does not read its input is no error") {
  RunOptions options;
  options.input.assign(4U << 20U, 'x');
  const auto result = run({.program = "true"}, options);
  CHECK(result.status.ok());
}

TEST_CASE("run: without an input the child reads its end at once") {
  const auto result = run({.program = "cat"});
  CHECK(result.status.ok());
  CHECK(result.out.empty());
}

TEST_CASE("run: 100 MB of output are read to the end, and only the limit is kept") {
  RunOptions options;
  options.max_output = 1000;
  const auto result = run(shell("head -c 100000000 /dev/zero; echo done >&2"), options);
  CHECK(result.status.ok());
  CHECK(result.out.size() == 1000);
  CHECK(result.truncated);
  CHECK(result.err == "done\n");
}

TEST_CASE("run: output of exactly the limit is not truncated") {
  RunOptions options;
  options.max_output = 5;
  const auto result = run(shell("printf 12345"), options);
  CHECK(result.out == "12345");
  CHECK_FALSE(result.truncated);
}

TEST_CASE("run: a child that takes too long is ended, and what it said is kept") {
  RunOptions options;
  options.timeout = 200ms;
  const auto start = Clock::now();
  const auto result = run(shell("echo before; sleep 30; echo after"), options);
  CHECK(result.timed_out);
  CHECK_FALSE(result.status.ok());
  CHECK(result.out == "before\n");
  CHECK(Clock::now() - start < 5s);
}

TEST_CASE("run: a child that ignores SIGTERM is killed") {
  RunOptions options;
  options.timeout = 200ms;
  const auto start = Clock::now();
  const auto result = run(shell("trap '' TERM; while :; do sleep 1; done"), options);
  CHECK(result.timed_out);
  CHECK(result.status.signal() == SIGKILL);
  CHECK(Clock::now() - start < 5s);
}

TEST_CASE("run: a child that closes its outputs and runs on meets the deadline too") {
  RunOptions options;
  options.timeout = 200ms;
  const auto start = Clock::now();
  const auto result = run(shell("exec >&- 2>&-; sleep 30"), options);
  CHECK(result.timed_out);
  CHECK(Clock::now() - start < 5s);
}

TEST_CASE("run: a grandchild that holds the pipe does not hold the caller, and does not survive") {
  const auto start = Clock::now();
  const auto result = run(shell("sleep 30 & echo $!"));
  CHECK(Clock::now() - start < 5s);
  CHECK(result.status.ok());
  CHECK_FALSE(result.timed_out);
  const auto grandchild = parse_integer<pid_t>(trim(result.out));
  REQUIRE(grandchild);
  CHECK(ends_within(*grandchild, 2s));
}

TEST_CASE("run: a grandchild in a session of its own does not hold the caller either") {
  const auto start = Clock::now();
  const auto result = run(shell("setsid sleep 5 & echo started"));
  CHECK(result.out == "started\n");
  CHECK(Clock::now() - start < 4s);
}

TEST_CASE("run: a timeout without end does not overflow") {
  RunOptions options;
  options.timeout = milliseconds::max();
  const auto result = run(shell("echo x"), options);
  CHECK(result.out == "x\n");
  CHECK_FALSE(result.timed_out);
}

TEST_CASE("spawn: the child leads a process group of its own, with default signals and mask") {
  // This program ignores SIGPIPE; a child that inherited that would misbehave in pipelines.
  const auto result =
      run(shell("ps -o pgid= -p $$; echo $$; grep -E '^Sig(Ign|Blk)' /proc/self/status"));
  const auto lines = split(result.out, '\n');
  REQUIRE(lines.size() >= 4);
  CHECK(trim(lines[0]) == lines[1]);
  CHECK(lines[2].ends_with("0000000000000000"));
  // glibc's posix_spawn leaves its two internal signals, 32 and 33, ignored.
  CHECK((lines[3].ends_with("0000000180000000") || lines[3].ends_with("0000000000000000")));
}

TEST_CASE("spawn: no descriptor leaks into the child, close-on-exec or not") {
  const Fd leaky(::open("/dev/null", O_RDONLY)); // NOLINT(android-cloexec-open) - the point
  const Fd high(::fcntl(leaky.get(), F_DUPFD, 200));
  const auto result = run(shell("for n in 3 4 5 6 7 8 9 11 12 200; do "
                                "[ -e /proc/$$/fd/$n ] && echo leaked $n; done; echo end"));
  CHECK(result.out == "end\n");
}

TEST_CASE("spawn: gives exactly the descriptors that were named, under the numbers asked for") {
  // Low numbers that are open here and not named: they lie in the gap below number 9.
  std::vector<Fd> leaky;
  for (int i = 0; i < 12; ++i)
    leaky.emplace_back(::open("/dev/null", O_RDONLY)); // NOLINT(android-cloexec-open) - the point
  Pipe pipe = Pipe::create();
  const auto check = [&](Process process) {
    pipe.write.reset();
    std::string text;
    std::array<char, 512> buffer{};
    ssize_t n = 0;
    while ((n = ::read(pipe.read.get(), buffer.data(), buffer.size())) > 0)
      text.append(buffer.data(), static_cast<std::size_t>(n));
    CHECK(process.wait_for(5s)->ok());
    CHECK(text == "0 1 2 9 ");
    pipe = Pipe::create();
  };
  const Command command = shell("for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && printf "
                                "'%s ' $n >&9; done; exit 0");
  check(spawn(command, {-1, -1, -1, {{pipe.write.get(), 9}}}));
  check(spawn_confined(command, {-1, -1, -1, {{pipe.write.get(), 9}}}, {}));
}

TEST_CASE("spawn: sources may be the numbers of other targets") {
  Pipe first = Pipe::create();
  Pipe second = Pipe::create();
  // Each one's number is the other's target.
  const int a = first.write.get();
  const int b = second.write.get();
  Process process = spawn(shell(fmt::format("echo to-b >&{}; echo to-a >&{}", b, a)),
                          {-1, -1, -1, {{a, b}, {b, a}}});
  first.write.reset();
  second.write.reset();
  CHECK(process.wait_for(5s)->ok());
  std::array<char, 64> buffer{};
  auto n = ::read(first.read.get(), buffer.data(), buffer.size());
  CHECK(std::string(buffer.data(), static_cast<std::size_t>(n)) == "to-b\n");
  n = ::read(second.read.get(), buffer.data(), buffer.size());
  CHECK(std::string(buffer.data(), static_cast<std::size_t>(n)) == "to-a\n");
}

TEST_CASE("process: wait_for gives up at its deadline and can be asked again") {
  Process process = spawn({.program = "sleep", .args = {"0.2"}}, {});
  CHECK_FALSE(process.wait_for(0ms));
  CHECK_FALSE(process.wait_for(10ms));
  const auto status = process.wait_for(5s);
  REQUIRE(status);
  CHECK(status->ok());
  CHECK_FALSE(process);
  CHECK(process.pidfd() == -1);
}

TEST_CASE("process: terminate asks first, and takes what the child answers") {
  Pipe ready = Pipe::create();
  Process process = spawn(shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"),
                          {-1, ready.write.get(), -1, {}});
  read_line(ready.read.get());
  CHECK(process.terminate(5s).code() == 7);
}

TEST_CASE("process: terminate kills the child that ignores it, after the grace and not before") {
  Pipe ready = Pipe::create();
  Process process = spawn(shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"),
                          {-1, ready.write.get(), -1, {}});
  read_line(ready.read.get());
  const auto start = Clock::now();
  CHECK(process.terminate(200ms).signal() == SIGKILL);
  CHECK(Clock::now() - start >= 200ms);
}

TEST_CASE("process: its destructor ends the child and the whole group, and reaps it") {
  pid_t child = -1;
  pid_t grandchild = -1;
  {
    Pipe out = Pipe::create();
    const Process process = spawn(shell("sleep 60 & echo $!; wait"), {-1, out.write.get(), -1, {}});
    child = process.pid();
    std::array<char, 32> buffer{};
    const auto n = ::read(out.read.get(), buffer.data(), buffer.size());
    REQUIRE(n > 0);
    grandchild = *parse_integer<pid_t>(trim({buffer.data(), static_cast<std::size_t>(n)}));
    CHECK(is_alive(grandchild));
  }
  CHECK(::kill(child, 0) != 0); // not even a zombie
  CHECK(ends_within(grandchild, 2s));
}

TEST_CASE("process: a move hands the child over, and assigning ends the one before") {
  Process first = spawn({.program = "sleep", .args = {"60"}}, {});
  Process second = spawn({.program = "sleep", .args = {"60"}}, {});
  const pid_t kept = first.pid();
  const pid_t lost = second.pid();
  second = std::move(first);
  CHECK(second.pid() == kept);
  CHECK(is_alive(kept));
  CHECK(::kill(lost, 0) != 0);
}

TEST_CASE("process: a detached child goes on") {
  pid_t pid = -1;
  {
    Process process = spawn({.program = "sleep", .args = {"60"}}, {});
    pid = process.detach();
    CHECK_FALSE(process);
  }
  CHECK(is_alive(pid));
  REQUIRE(::kill(pid, SIGKILL) == 0);
  CHECK(ends_within(pid, 2s));
}
