// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "daemon/store/function_store.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

using namespace cubeflash;
using namespace cubeflash::daemon;

namespace {

FunctionSpec spec_named(const std::string& name,
                        const std::string& space = std::string(kDefaultNamespace)) {
  FunctionSpec spec;
  spec.name = {name, space};
  spec.image = name + ":latest";
  return spec;
}

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  FAIL("nothing was thrown");
  return ErrorKind::failed;
}

} // namespace

TEST_CASE("a record comes back as it was written, from a new connection") {
  const TemporaryDirectory directory("/tmp");
  FunctionSpec spec = spec_named("render");
  spec.env_process = "python3 index.py";
  spec.environment = {
      {"A", "1"}, {"quote", "it's \"fine\"; DROP TABLE functions"}, {"utf8", "\xC3\xA9"}};
  spec.labels = {{"l", "x"}};
  spec.annotations = {{"topic", "t"}};
  spec.limits = {"128Mi", "100m"};
  spec.read_only_root = true;
  spec.timeout = milliseconds(1500);
  spec.concurrency = 4;
  FunctionRecord written;
  {
    FunctionStore store(directory.path() / "state.db");
    written = store.create(spec, "sha256:abc", 3);
  }
  const FunctionStore store(directory.path() / "state.db");
  const auto records = store.load();
  REQUIRE(records.size() == 1);
  CHECK(records[0].spec == spec);
  CHECK(records[0].image_digest == "sha256:abc");
  CHECK(records[0].replicas == 3);
  CHECK(records[0].revision == 1);
  CHECK(records[0].created_at == written.created_at);
}

TEST_CASE("the state file can be read by its owner only") {
  const TemporaryDirectory directory("/tmp");
  const FunctionStore store(directory.path() / "state.db");

  struct stat status {};

  REQUIRE(::stat((directory.path() / "state.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("names are distinct over namespaces") {
  const TemporaryDirectory directory("/tmp");
  FunctionStore store(directory.path() / "state.db");
  store.create(spec_named("f"), "d", 1);
  store.create(spec_named("f", "dev"), "d", 1);
  CHECK(store.load().size() == 2);
  store.remove({"f", "dev"});
  REQUIRE(store.load().size() == 1);
  CHECK(store.load()[0].spec.name.space == kDefaultNamespace);
}

TEST_CASE("creating twice is a conflict; updating, scaling and removing the unknown is not found") {
  const TemporaryDirectory directory("/tmp");
  FunctionStore store(directory.path() / "state.db");
  store.create(spec_named("f"), "d", 1);
  CHECK(kind_of([&] { store.create(spec_named("f"), "d", 1); }) == ErrorKind::conflict);
  CHECK(kind_of([&] { store.update(spec_named("g"), "d", 1); }) == ErrorKind::not_found);
  CHECK(kind_of([&] { store.set_replicas({"g"}, 1); }) == ErrorKind::not_found);
  CHECK(kind_of([&] { store.remove({"g"}); }) == ErrorKind::not_found);
  CHECK(store.load().size() == 1);
}

TEST_CASE("an update keeps the creation time and the replicas, and counts the revision up") {
  const TemporaryDirectory directory("/tmp");
  FunctionStore store(directory.path() / "state.db");
  const auto created = store.create(spec_named("f"), "one", 1);
  store.set_replicas({"f"}, 5);
  const auto updated = store.update(spec_named("f"), "two", 2);
  CHECK(updated.created_at == created.created_at);
  CHECK(updated.replicas == 5);
  CHECK(updated.revision == created.revision + 1);
  CHECK(updated.image_digest == "two");
  store.set_replicas({"f"}, 0);
  CHECK(store.update(spec_named("f"), "two", 2).replicas == 2);
}

TEST_CASE("a revision's number is not used again after a removal") {
  const TemporaryDirectory directory("/tmp");
  FunctionStore store(directory.path() / "state.db");
  const auto first = store.create(spec_named("f"), "d", 1);
  store.remove({"f"});
  CHECK(store.create(spec_named("f"), "d", 1).revision > first.revision);
}

TEST_CASE("a file that is no database is refused with its name") {
  const TemporaryDirectory directory("/tmp");
  const auto file = directory.path() / "state.db";
  write_file_atomic(file, std::string(8192, 'x'));
  try {
    const FunctionStore store(file);
    FAIL("it was accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("state.db") != std::string::npos);
  }
}

TEST_CASE("a file of a newer program is refused") {
  const TemporaryDirectory directory("/tmp");
  const auto file = directory.path() / "state.db";
  Database(file).execute("PRAGMA user_version=99");
  CHECK_THROWS_WITH_AS(FunctionStore{file}, doctest::Contains("newer cflashd"), Error);
}

TEST_CASE("what was acknowledged is there after kill -9 of the writer") {
  const TemporaryDirectory directory("/tmp");
  const auto file = directory.path() / "state.db";
  const auto acknowledged = directory.path() / "acknowledged";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    FunctionStore store(file);
    std::ofstream done(acknowledged);
    for (int i = 0; i < 100000; ++i) {
      store.create(spec_named("f" + std::to_string(i)), "d", 1);
      done << i << std::endl;
    }
    ::_exit(0);
  }
  const auto lines = [&] {
    std::ifstream in(acknowledged);
    std::string line;
    int count = 0;
    while (std::getline(in, line) && !in.eof())
      ++count;
    return count;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (lines() < 20 && std::chrono::steady_clock::now() < deadline)
    ::usleep(1000);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const int promised = lines();
  REQUIRE(promised >= 20);
  const FunctionStore store(file);
  CHECK(static_cast<int>(store.load().size()) >= promised);
}
