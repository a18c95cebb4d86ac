// SPDX-License-Identifier: Apache-2.0
#include "cli/build/build_step.hpp"
#include "tests/build/build_project.hpp"

#include <thread>

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

namespace {

using Clock = std::chrono::steady_clock;

// A context on disk in which single steps run.
class Bench {
 public:
  explicit Bench(bool sandboxed) {
    fs::create_directories(context());
    settings = {.function = "hello",
                .context = context(),
                .cache = place_.path() / "cache",
                .sandboxed = sandboxed};
  }

  fs::path root() const { return place_.path(); }

  fs::path context() const { return place_.path() / "context"; }

  void run(const std::vector<std::string>& argv) {
    StepLog log(place_.path() / "x.log");
    StepRunner(settings, inputs, log).run(BuildStep{argv, ""});
  }

  std::string output_of(const std::string& script) {
    run({"sh", "-c", script});
    const auto text = read_file(place_.path() / "x.log");
    return text.substr(text.find('\n') + 1);
  }

  StepRunner::Settings settings;
  BuildInputs inputs;

 private:
  TemporaryDirectory place_{fs::temp_directory_path(), "cflash-test-"};
};

const SandboxProbe& sandbox() {
  static const SandboxProbe probe = probe_sandbox();
  return probe;
}

// Both ways of running a step where a sandbox can be made.
std::vector<bool> ways() {
  if (sandbox().available) return {true, false};
  skip("no sandbox here: " + sandbox().reason);
  return {false};
}

} // namespace

TEST_CASE("build step: it runs in the context with a clean environment") {
  const ScopedVariable secret("CFLASH_TEST_SECRET", "leaked");
  const ScopedVariable proxy("https_proxy", "http://proxy:1");
  const ScopedVariable index("PIP_INDEX_URL", "http://index/");
  const ScopedVariable target("PIP_TARGET", "/elsewhere");
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    bench.inputs.build_args = {{"ANSWER", "42"}};
    bench.inputs.packages = {"gcc", "make"};
    bench.run({"sh", "-c", "env > seen; pwd > here"});
    const auto seen = "\n" + read_file(bench.context() / "seen");
    CHECK_FALSE(mentions(seen, "leaked"));
    CHECK_FALSE(mentions(seen, "PIP_TARGET"));
    for (const std::string entry : {"https_proxy=http://proxy:1",
                                    "PIP_INDEX_URL=http://index/",
                                    "ANSWER=42",
                                    "ADDITIONAL_PACKAGE=gcc make",
                                    "LANG=C.UTF-8",
                                    "SOURCE_DATE_EPOCH=0"}) {
      CAPTURE(entry);
      CHECK(mentions(seen, "\n" + entry + "\n"));
    }
    const auto cache = sandboxed ? "/cache" : bench.settings.cache.string();
    CHECK(mentions(seen, "\nHOME=" + cache + "\n"));
    CHECK(read_file(bench.context() / "here") ==
          (sandboxed ? "/home/app" : bench.context().string()) + "\n");
  }
}

TEST_CASE("build step: in the sandbox only the context and the cache can be written, and home is "
          "not there") {
  if (!sandbox().available) return skip("no sandbox here: " + sandbox().reason);
  Bench bench(true);
  put_file(bench.root() / "outside", "before");
  bench.run(
      {"sh",
       "-c",
       "echo in > inside; echo c > /cache/kept; for f in " + (bench.root() / "outside").string() +
           " /usr/cflash-test /etc/cflash-test /cflash-test /home/other; do echo bad > $f; done; "
           "ls " +
           bench.root().string() + " && exit 1; exit 0"});
  CHECK(read_file(bench.context() / "inside") == "in\n");
  CHECK(read_file(bench.settings.cache / "kept") == "c\n");
  CHECK(read_file(bench.root() / "outside") == "before");
  CHECK_FALSE(fs::exists("/usr/cflash-test"));
  CHECK_FALSE(fs::exists("/etc/cflash-test"));
}

TEST_CASE("build step: the user's package-manager settings are there to read") {
  const TemporaryDirectory home(fs::temp_directory_path());
  put_file(home.path() / ".npmrc", "registry=http://npm/\n");
  put_file(home.path() / ".config/pip/pip.conf", "[global]\n");
  put_file(home.path() / "ca.pem", "certificate\n");
  const ScopedVariable directory("HOME", home.path().string());
  const ScopedVariable certificate("NODE_EXTRA_CA_CERTS", (home.path() / "ca.pem").string());
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    CHECK(bench.output_of("cat $NPM_CONFIG_USERCONFIG $PIP_CONFIG_FILE $NODE_EXTRA_CA_CERTS") ==
          "registry=http://npm/\n[global]\ncertificate\n");
    if (sandboxed) bench.run({"sh", "-c", "! (echo x >> $NPM_CONFIG_USERCONFIG) 2> /dev/null"});
  }
  CHECK(read_file(home.path() / ".npmrc") == "registry=http://npm/\n");
}

TEST_CASE("build step: build arguments are put into elements, other braces stay, and values are "
          "not logged") {
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    bench.inputs.build_args = {{"TOKEN", "s3cret $(id)"}};
    bench.run({"sh",
               "-c",
               "printf '%s|' \"$@\" > args",
               "sh",
               "a ${TOKEN} b",
               "${OTHER}",
               "${",
               "$TOKEN"});
    CHECK(read_file(bench.context() / "args") == "a s3cret $(id) b|${OTHER}|${|$TOKEN|");
    CHECK_FALSE(mentions(read_file(bench.root() / "x.log"), "s3cret"));
  }
}

TEST_CASE("build step: standard input is empty") {
  for (const bool sandboxed : ways()) {
    Bench bench(sandboxed);
    CHECK(bench.output_of("cat; echo end") == "end\n");
  }
}

TEST_CASE("build step: a failure shows the last lines of both outputs") {
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    const auto error = error_of([&] {
      bench.run(
          {"sh", "-c", "for i in $(seq 1 100); do echo out $i; done; echo the reason >&2; exit 3"});
    });
    CHECK(error.kind() == ErrorKind::failed);
    CHECK(mentions(error.what(), "failed: exit status 3\nout 82\n"));
    CHECK(mentions(error.what(), "out 100\nthe reason"));
    CHECK(mentions(error.hint(), "x.log"));
  }
}

TEST_CASE("build step: a program that is not there is named") {
  for (const bool sandboxed : ways()) {
    Bench bench(sandboxed);
    const auto error = error_of([&] { bench.run({"no-such-program"}); });
    CHECK(error.kind() == ErrorKind::not_found);
    CHECK(mentions(error.what(), "no-such-program"));
  }
}

TEST_CASE("build step: a program of the context can be run") {
  for (const bool sandboxed : ways()) {
    Bench bench(sandboxed);
    put_file(bench.context() / "tool", "#!/bin/sh\necho \"$1\" > made\n", true);
    bench.run({"./tool", "it"});
    CHECK(read_file(bench.context() / "made") == "it\n");
  }
}

TEST_CASE("build step: one that hangs is ended at its deadline, with what it started") {
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    bench.settings.timeout = std::chrono::milliseconds(300);
    const auto begin = Clock::now();
    const auto error = error_of([&] {
      bench.run(
          {"sh",
           "-c",
           "trap '' TERM; echo begun; (while true; do sleep 0.1; date > beat; done) & sleep 60"});
    });
    CHECK(error.kind() == ErrorKind::timeout);
    CHECK(mentions(error.what(), "did not finish in 300ms"));
    CHECK(mentions(error.what(), "begun"));
    CHECK(Clock::now() - begin < std::chrono::seconds(20));
    // Nothing writes any more: a removed file does not come back.
    fs::remove(bench.context() / "beat");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    CHECK_FALSE(fs::exists(bench.context() / "beat"));
  }
}

TEST_CASE("build step: a cancelled one ends at once") {
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    std::atomic<bool> cancelled = false;
    bench.settings.cancelled = &cancelled;
    std::thread canceller([&] {
      const auto deadline = Clock::now() + std::chrono::seconds(20);
      while (!fs::exists(bench.context() / "begun") && Clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      cancelled = true;
    });
    const auto begin = Clock::now();
    const auto error = error_of([&] { bench.run({"sh", "-c", "touch begun; sleep 60"}); });
    canceller.join();
    CHECK(mentions(error.what(), "was cancelled"));
    CHECK(Clock::now() - begin < std::chrono::seconds(30));
  }
}

TEST_CASE("build step: a flood of output neither fills the disk nor stops the step") {
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    bench.run({"sh", "-c", "head -c 100000000 /dev/zero | tr '\\0' x; touch done"});
    CHECK(fs::exists(bench.context() / "done"));
    const auto size = fs::file_size(bench.root() / "x.log");
    CHECK(size >= StepLog::kDefaultLimit);
    CHECK(size < StepLog::kDefaultLimit + 1'000);
  }
}

TEST_CASE(
    "build step: a background process that keeps the output open does not hold the build up") {
  for (const bool sandboxed : ways()) {
    CAPTURE(sandboxed);
    Bench bench(sandboxed);
    const auto begin = Clock::now();
    bench.run({"sh", "-c", "sleep 60 & echo started"});
    CHECK(Clock::now() - begin < std::chrono::seconds(20));
  }
}
