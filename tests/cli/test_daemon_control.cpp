// SPDX-License-Identifier: Apache-2.0
// Against a stand-in for cflashd, which fails and hangs when a test wants it to; the real one is
// for the end-to-end tests.
#include "cli/daemon_control.hpp"
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <unistd.h>

#include <cstdlib>

using namespace cubeflash;
using namespace cubeflash::cli;

namespace fs = std::filesystem;

namespace {

// A home, and a script called cflashd that CFLASHD points to.
struct Place {
  TemporaryDirectory directory{fs::temp_directory_path()};
  fs::path home = directory.path() / "home";

  explicit Place(const std::string& script) {
    const auto program = directory.path() / "cflashd";
    write_file_atomic(program, "#!/bin/bash\n" + script, 0700);
    ::setenv("CFLASHD", program.c_str(), 1);
  }

  ~Place() {
    ::unsetenv("CFLASHD");
    try {
      stop_daemon(home, std::chrono::seconds(10));
    } catch (const Error& error) {
      MESSAGE(error.what());
    }
  }

  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  DaemonOptions options() const { return {.home = home, .listen = {}, .engine = {}}; }
};

const std::string kServes = "echo \"args $*\"; echo \"session $(ps -o sid= -p $$) cwd $PWD\"\n"
                            "trap 'exit 0' TERM\n"
                            "printf '%s\\nhttp://127.0.0.1:4242\\n' $$ > \"$2/daemon.pid\"\n"
                            "echo >&\"$CFLASH_READY_FD\"\nwhile :; do sleep 0.05; done\n";

} // namespace

TEST_CASE("start_daemon: returns once it serves; find_daemon finds it, stop_daemon ends it") {
  Place place(kServes);
  CHECK_FALSE(find_daemon(place.home));
  const auto daemon =
      start_daemon({.home = place.home, .listen = "127.0.0.1:4242", .engine = "local"});
  CHECK(daemon.url == "http://127.0.0.1:4242");
  const auto found = find_daemon(place.home);
  REQUIRE(found);
  CHECK(found->pid == daemon.pid);
  const auto log = last_lines(daemon_log(place.home), 10);
  CHECK(log.find("args --home " + place.home.string() +
                 " --listen 127.0.0.1:4242 --engine local") != std::string::npos);
  CHECK(::getsid(daemon.pid) == daemon.pid); // a session of its own
  CHECK((fs::status(place.home).permissions() & fs::perms::all) == fs::perms::owner_all);
  CHECK(stop_daemon(place.home));
  CHECK_FALSE(find_daemon(place.home));
  CHECK_FALSE(stop_daemon(place.home));
}

TEST_CASE("start_daemon: one that ends first is an error with the end of its log") {
  Place place("echo starting; echo 'address in use' >&2; exit 3\n");
  try {
    start_daemon(place.options());
    FAIL("must throw");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("exit status 3") != std::string::npos);
    CHECK(error.hint().find("address in use") != std::string::npos);
  }
}

TEST_CASE("start_daemon: without a cflashd it says where it looked") {
  Place place("exit 0\n");
  ::setenv("CFLASHD", "/nonexistent/cflashd", 1);
  const auto error = error_of([&] { start_daemon(place.options()); });
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.says("/nonexistent/cflashd"));
}

TEST_CASE("find_daemon: a pid file that names nothing, another program or nonsense is no daemon") {
  Place place(kServes);
  fs::create_directories(place.home);
  const auto file = place.home / "daemon.pid";
  for (const auto& text : {std::string(),
                           std::string("x\n"),
                           std::string("-1\n"),
                           std::string("99999999\nhttp://x\n"),
                           std::to_string(::getpid()) + "\nhttp://x\n"}) {
    CAPTURE(text);
    write_file_atomic(file, text);
    CHECK_FALSE(find_daemon(place.home));
    CHECK_FALSE(stop_daemon(place.home)); // above all: this test goes on living
  }
}

TEST_CASE("stop_daemon: one that does not end in time is named") {
  Place place("trap '' TERM\nprintf '%s\\n' $$ > \"$2/daemon.pid\"; echo >&\"$CFLASH_READY_FD\"\n"
              "while :; do sleep 0.05; done\n");
  const auto daemon = start_daemon(place.options());
  CHECK(daemon.url.empty());
  const auto error = error_of([&] { stop_daemon(place.home, std::chrono::milliseconds(200)); });
  CHECK(error.kind == ErrorKind::timeout);
  CHECK(error.says(std::to_string(daemon.pid)));
  ::kill(daemon.pid, SIGKILL);
}

TEST_CASE("last_lines: the end of a file of any size") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto file = directory.path() / "log";
  CHECK(last_lines(file, 3).empty());
  write_file_atomic(file, "a\nb\nc\n");
  CHECK(last_lines(file, 2) == "b\nc");
  CHECK(last_lines(file, 1) == "c");
  CHECK(last_lines(file, 0).empty());
  CHECK(last_lines(file, 9) == "a\nb\nc");
  write_file_atomic(file, std::string(3U << 20U, 'x') + "\nlast\n");
  CHECK(last_lines(file, 1) == "last");
}
