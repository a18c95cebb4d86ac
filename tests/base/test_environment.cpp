// SPDX-License-Identifier: Apache-2.0
#include "common/base/environment.hpp"
#include "common/base/file.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

using namespace cubeflash;

namespace fs = std::filesystem;

namespace {

// Sets a variable for one test. The test program has a single thread here.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }

  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

  ~ScopedVariable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

} // namespace

TEST_CASE("environment: absent and empty are the same") {
  {
    const ScopedVariable unset("CF_TEST_VARIABLE", nullptr);
    CHECK_FALSE(environment_variable("CF_TEST_VARIABLE"));
  }
  {
    const ScopedVariable empty("CF_TEST_VARIABLE", "");
    CHECK_FALSE(environment_variable("CF_TEST_VARIABLE"));
  }
  const ScopedVariable given("CF_TEST_VARIABLE", "x");
  CHECK(environment_variable("CF_TEST_VARIABLE") == "x");
}

TEST_CASE("environment: CFLASH_HOME wins and is made absolute") {
  const ScopedVariable given("CFLASH_HOME", "some/where");
  CHECK(daemon_home() == fs::current_path() / "some/where");
}

TEST_CASE("environment: the daemon's home without CFLASH_HOME follows the account") {
  const ScopedVariable unset("CFLASH_HOME", nullptr);
  const ScopedVariable data("XDG_DATA_HOME", "/data");
  CHECK(daemon_home() == (::geteuid() == 0 ? "/var/lib/cubeflash" : "/data/cubeflash"));
}

TEST_CASE("environment: the cache's home") {
  const ScopedVariable home("HOME", "/home/me");
  {
    const ScopedVariable cache("XDG_CACHE_HOME", "/cache");
    CHECK(cache_home() == "/cache/cubeflash");
  }
  const ScopedVariable cache("XDG_CACHE_HOME", nullptr);
  CHECK(cache_home() == "/home/me/.cache/cubeflash");
}

TEST_CASE("environment: without HOME the user database has the answer") {
  const ScopedVariable home("HOME", nullptr);
  CHECK(user_home().is_absolute());
}

TEST_CASE("find_program: takes the first executable file of the path") {
  const TemporaryDirectory directory(fs::temp_directory_path());
  const auto first = directory.path() / "first";
  const auto second = directory.path() / "second";
  const auto third = directory.path() / "third";
  fs::create_directories(first / "tool"); // a directory of that name
  fs::create_directories(second);
  fs::create_directories(third);
  write_file_atomic(second / "tool", "not executable", 0644);
  write_file_atomic(third / "tool", "#!/bin/sh\n", 0755);
  const std::string path = first.string() + "::" + second.string() + ":/nowhere:" + third.string();
  CHECK(find_program("tool", path) == third / "tool");
  CHECK_FALSE(find_program("other", path));
  CHECK_FALSE(find_program("tool", ""));
}

TEST_CASE("find_program: a name with a slash is no search") {
  CHECK(find_program("/bin/sh") == "/bin/sh");
  CHECK_FALSE(find_program("/nowhere/sh"));
  CHECK_FALSE(find_program("./sh", "/bin"));
}

TEST_CASE("environment: the running executable is in its directory") {
  CHECK(fs::exists(executable_directory() / "test_base"));
}
