// SPDX-License-Identifier: Apache-2.0
// How the watchdog starts and ends.
#include "common/base/error.hpp"
#include "tests/watchdog/running_watchdog.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

using namespace cubeflash;
using namespace cubeflash::test;
namespace fs = std::filesystem;

namespace {

ProcessResult run_program(std::vector<std::string> args, std::vector<std::string> environment) {
  Command command;
  command.program = watchdog_program();
  command.args = std::move(args);
  command.env = std::move(environment);
  return run(command);
}

unsigned mode_of(const std::string& path) {
  struct stat found {};

  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777U;
}

} // namespace

TEST_CASE("life: ready means listening and locked") {
  const RunningWatchdog watchdog("cat");
  REQUIRE(watchdog.was_ready());
  CHECK(mode_of(watchdog.file(".lock")) == 0660);
  CHECK(fs::file_size(watchdog.file(".lock")) == 0);
  CHECK(mode_of(watchdog.file("socket")) == 0666);
}

TEST_CASE("life: a handler inherits no descriptor but its three") {
  const RunningWatchdog watchdog("ls /proc/self/fd");
  // The fourth is the directory that ls itself has open.
  CHECK(watchdog.exchange(get("/")).body == "0\n1\n2\n3\n");
}

TEST_CASE("life: suppress_lock writes no lock and is healthy all the same") {
  const RunningWatchdog watchdog("cat", {"suppress_lock=true"});
  REQUIRE(watchdog.was_ready());
  CHECK_FALSE(fs::exists(watchdog.file(".lock")));
  CHECK(watchdog.exchange(get("/_/health")).status == 200);
}

TEST_CASE("life: a lock that cannot be written is fatal") {
  const auto result = run_program({}, {"fprocess=cat", "port=0", "TMPDIR=/nonexistent"});
  CHECK(result.status.code() == 1);
  CHECK(result.err.find("/nonexistent/.lock") != std::string::npos);
}

TEST_CASE("life: without fprocess, or with a mode of another watchdog, it says so and ends") {
  const auto missing = run_program({}, {});
  CHECK(missing.status.code() == 1);
  CHECK(missing.err.find("Provide a valid process via fprocess") != std::string::npos);
  const auto http = run_program({}, {"fprocess=cat", "mode=http"});
  CHECK(http.status.code() == 1);
  CHECK(http.err.find("mode \"http\" is not supported") != std::string::npos);
}

TEST_CASE("life: -version and -run-healthcheck") {
  for (const auto* flag : {"-version", "--version"}) {
    const auto version = run_program({flag}, {});
    CHECK(version.status.ok());
    CHECK(version.err.find("Version: ") != std::string::npos);
  }
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto variable = "TMPDIR=" + directory.path().string();
  const auto missing = run_program({"-run-healthcheck"}, {variable});
  CHECK(missing.status.code() == 1);
  CHECK(missing.err.find("unable to find lock file.") != std::string::npos);
  write_file_atomic(directory.path() / ".lock", "");
  CHECK(run_program({"-run-healthcheck"}, {variable}).status.ok());
  CHECK(run_program({"-nonsense"}, {variable}).status.code() == 2);
}

TEST_CASE("life: a stale socket is replaced, any other file is not") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto path = (directory.path() / "stale").string();
  {
    const Fd stale(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(stale.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  const RunningWatchdog watchdog("cat", {"CFLASH_LISTEN=unix:" + path});
  REQUIRE(watchdog.was_ready());
  CHECK(HttpClient(path).exchange(post("/", "a")).body == "a");

  const auto file = (directory.path() / "file").string();
  write_file_atomic(file, "precious");
  const auto refused = run_program({}, {"fprocess=cat", "CFLASH_LISTEN=unix:" + file});
  CHECK(refused.status.code() == 1);
  CHECK(read_file(file) == "precious");
}

TEST_CASE("life: a path longer than a socket's address works") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto deep = directory.path() / std::string(150, 'd');
  fs::create_directory(deep);
  const RunningWatchdog watchdog("cat", {"CFLASH_LISTEN=unix:" + (deep / "socket").string()});
  REQUIRE(watchdog.was_ready());
  fs::create_symlink(deep, directory.path() / "short");
  CHECK(HttpClient((directory.path() / "short/socket").string()).exchange(post("/", "a")).body ==
        "a");
}

TEST_CASE("life: idle and without a health interval, SIGTERM and SIGINT end it at once") {
  for (const int number : {SIGTERM, SIGINT}) {
    CAPTURE(number);
    RunningWatchdog watchdog("cat", {"healthcheck_interval=0"});
    auto idle = watchdog.connect();
    CHECK(idle.exchange(post("/", "a")).status == 200);
    watchdog.signal(number);
    const auto status = watchdog.wait(milliseconds(10'000));
    REQUIRE(status.has_value());
    CHECK(status->ok());
    CHECK(idle.is_at_end());
    CHECK_FALSE(fs::exists(watchdog.file(".lock")));
    CHECK_FALSE(fs::exists(watchdog.file("socket")));
  }
}

TEST_CASE("life: after SIGTERM health is bad, yet requests are served until the interval is over") {
  RunningWatchdog watchdog("cat", {"healthcheck_interval=1500ms"});
  watchdog.signal(SIGTERM);
  CHECK(wait_until([&] { return !fs::exists(watchdog.file(".lock")); }));
  CHECK(watchdog.exchange(get("/_/health")).status == 503);
  CHECK(watchdog.exchange(post("/", "late")).body == "late");
  REQUIRE(watchdog.wait(milliseconds(10'000)).has_value());
  CHECK(watchdog.log().find("draining: 0 requests") != std::string::npos);
}

TEST_CASE("life: a request in progress completes before the end") {
  RunningWatchdog watchdog(ugly("sleep {dir}/pid 1000"), {"healthcheck_interval=0"});
  auto client = watchdog.connect();
  client.send(get("/"));
  read_pid(watchdog.file("pid"));
  watchdog.signal(SIGTERM);
  CHECK(
      wait_until([&] { return watchdog.log().find("draining: 1 requests") != std::string::npos; }));
  CHECK_THROWS_AS(watchdog.connect(), SystemError);
  const auto reply = client.read_reply();
  CHECK(reply.body == "slept");
  CHECK(reply.headers.at("connection") == "close");
  const auto status = watchdog.wait(milliseconds(10'000));
  REQUIRE(status.has_value());
  CHECK(status->ok());
}

TEST_CASE("life: what does not finish within write_timeout is killed") {
  RunningWatchdog watchdog(ugly("stubborn {dir}/pid"),
                           {"healthcheck_interval=0", "write_timeout=500ms"});
  auto client = watchdog.connect();
  client.send(get("/"));
  const pid_t pid = read_pid(watchdog.file("pid"));
  watchdog.signal(SIGTERM);
  REQUIRE(watchdog.wait(milliseconds(10'000)).has_value());
  CHECK(is_gone(pid));
}

TEST_CASE("life: a second signal means now") {
  RunningWatchdog watchdog(ugly("stubborn {dir}/pid"),
                           {"healthcheck_interval=100s", "write_timeout=100s"});
  auto client = watchdog.connect();
  client.send(get("/"));
  const pid_t pid = read_pid(watchdog.file("pid"));
  watchdog.signal(SIGTERM);
  CHECK(wait_until([&] { return watchdog.log().find("SIGTERM received") != std::string::npos; }));
  watchdog.signal(SIGTERM);
  REQUIRE(watchdog.wait(milliseconds(10'000)).has_value());
  CHECK(is_gone(pid));
}
