// SPDX-License-Identifier: Apache-2.0
#include "common/base/environment.hpp"
#include "common/base/file.hpp"
#include "common/sandbox/sandbox.hpp"
#include "tests/sandbox/sandboxed_run.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>

using namespace cubeflash;

namespace {

// Sets a variable of this process for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value)
      : name_(name), before_(environment_variable(name)) {
    ::setenv(name, value.c_str(), 1);
  }

  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

  ~Variable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// A bwrap first in PATH that says `words` and exits with 1.
struct BrokenBubblewrap {
  TemporaryDirectory place{std::filesystem::temp_directory_path()};

  explicit BrokenBubblewrap(const std::string& script) {
    std::filesystem::permissions(place.path(), std::filesystem::perms(0755));
    write_file_atomic(place.path() / "bwrap", "#!/bin/sh\n" + script + "\n", 0755);
  }

  std::string path() const { return place.path().string() + ":/usr/bin:/bin"; }
};

} // namespace

TEST_CASE("probe_sandbox: CFLASH_SANDBOX=off switches it off, and says so") {
  const Variable off("CFLASH_SANDBOX", "off");
  const auto probe = probe_sandbox();
  CHECK_FALSE(probe.available);
  CHECK(probe.reason == "switched off by CFLASH_SANDBOX=off");
}

TEST_CASE("probe_sandbox: names the package when bubblewrap is missing") {
  const TemporaryDirectory empty(std::filesystem::temp_directory_path());
  const Variable path("PATH", empty.path().string());
  const auto probe = probe_sandbox();
  CHECK_FALSE(probe.available);
  CHECK(probe.reason == "bubblewrap is not installed (apt install bubblewrap)");
  const auto error = error_of([] { sandbox_command({}); });
  CHECK(error.kind == ErrorKind::unavailable);
}

TEST_CASE("probe_sandbox: says that user namespaces are not allowed, with bubblewrap's own words") {
  const BrokenBubblewrap broken(
      "echo 'bwrap: No permissions to create new namespace, likely because' >&2; exit 1");
  const Variable path("PATH", broken.path());
  const auto probe = probe_sandbox(test_uid());
  CHECK_FALSE(probe.available);
  CHECK_MESSAGE(probe.reason.find("user namespaces are not allowed here") == 0, probe.reason);
  CHECK(probe.reason.find("likely because") != std::string::npos);
}

TEST_CASE("probe_sandbox: a bubblewrap that fails in another way, or dies, is not available") {
  for (const auto* script : {"echo 'something odd' >&2; exit 1", "kill -9 $$", "exit 3"}) {
    CAPTURE(script);
    const BrokenBubblewrap broken(script);
    const Variable path("PATH", broken.path());
    const auto probe = probe_sandbox(test_uid());
    CHECK_FALSE(probe.available);
    CHECK_MESSAGE(probe.reason.find("bubblewrap does not work here") == 0, probe.reason);
  }
}

TEST_CASE("probe_sandbox: does not wait for ever") {
  const BrokenBubblewrap hanging("exec sleep 60");
  const Variable path("PATH", hanging.path());
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(probe_sandbox(test_uid()).available);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
