// SPDX-License-Identifier: Apache-2.0
#include "cli/build/native_builder.hpp"
#include "common/base/process.hpp"
#include "common/image/digest.hpp"
#include "tests/build/build_project.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <future>
#include <thread>

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

namespace {

using Clock = std::chrono::steady_clock;

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = Clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

ImageManifest manifest_of(const BuildResult& result) {
  const auto layout = OciLayout::open(result.layout);
  return parse_manifest(read_file(layout.blob_path(layout.manifest_descriptor().digest)));
}

} // namespace

TEST_CASE("native build: the image has the output, the watchdog, and says how it runs") {
  BuildProject project;
  const auto result = project.build();
  CHECK(result.layout == project.project() / "build/.images/hello");
  const auto image = project.unpack(result);
  CHECK(read_file(image / "home/app/built") == "hello\n");
  CHECK(read_file(image / "home/app/function/message") == "hello\n");
  CHECK(read_file(image / "home/app/function/handler.sh") == "the template's\n");
  CHECK(read_file(image / "cubeflash/watchdog") == "not really a watchdog");
  CHECK((fs::status(image / "cubeflash/watchdog").permissions() & fs::perms::owner_exec) !=
        fs::perms::none);
  CHECK_FALSE(fs::exists(image / "home/app/template.yml"));

  const auto layout = OciLayout::open(result.layout);
  CHECK(layout.manifest_descriptor().digest == result.manifest_digest);
  const auto manifest = manifest_of(result);
  CHECK(is_digest(manifest.annotations.at("dev.cubeflash.inputs")));
  const auto config = parse_config(read_file(layout.blob_path(manifest.config.digest)));
  CHECK(config.entrypoint == std::vector<std::string>{"/cubeflash/watchdog"});
  CHECK(config.working_dir == "/home/app");
  CHECK(std::count(config.env.begin(), config.env.end(), "fprocess=sh index.sh") == 1);
  CHECK(config.labels.at("dev.cubeflash.function") == "hello");
  CHECK(config.labels.at("dev.cubeflash.language") == "plain");
  CHECK(config.diff_ids.size() == 1);
  const auto index = nlohmann::json::parse(read_file(result.layout / "index.json"));
  CHECK(index.at("manifests").at(0).at("annotations").at("org.opencontainers.image.ref.name") ==
        "1.0");
  CHECK_FALSE(fs::exists(project.project() / "build/.logs/hello.log"));
  CHECK(fs::status(project.context()).permissions() == fs::perms::owner_all);
}

TEST_CASE("native build: the same input gives the same digest, elsewhere and later") {
  BuildProject one;
  const auto first = one.build();
  BuildProject two;
  // Another order of creation, other times, other permissions that do not count.
  fs::remove_all(two.language() / "function");
  put_file(two.language() / "function/handler.sh", "the template's\n");
  fs::permissions(two.handler() / "message", fs::perms::owner_read | fs::perms::owner_write);
  fs::last_write_time(two.handler() / "message",
                      fs::file_time_type::clock::now() - std::chrono::hours(999));
  const auto second = two.build();
  REQUIRE(one.root() != two.root());
  CHECK_FALSE(second.unchanged);
  CHECK(first.manifest_digest == second.manifest_digest);
  auto again = two.request();
  again.no_cache = true;
  CHECK(two.build(again).manifest_digest == first.manifest_digest);
}

TEST_CASE("native build: the function's fprocess wins over the template's") {
  BuildProject project;
  project.function.fprocess = "cat";
  const auto result = project.build();
  const auto layout = OciLayout::open(result.layout);
  const auto config = parse_config(read_file(layout.blob_path(manifest_of(result).config.digest)));
  CHECK(std::count(config.env.begin(), config.env.end(), "fprocess=cat") == 1);
}

TEST_CASE(
    "native build: without output everything but Dockerfile and template.yml is in the image") {
  BuildProject project;
  put_file(project.language() / "Dockerfile", "FROM x\n");
  project.put_template("fprocess: cat\nnative: {}\n");
  const auto image = project.unpack(project.build());
  CHECK(fs::exists(image / "home/app/index.sh"));
  CHECK(fs::exists(image / "home/app/function/message"));
  CHECK_FALSE(fs::exists(image / "home/app/Dockerfile"));
  CHECK_FALSE(fs::exists(image / "home/app/template.yml"));
}

TEST_CASE("native build: a star in output stands for part of a name, and nothing else is special") {
  BuildProject project;
  for (const char* path :
       {"lib/a.so", "lib/a.txt", "lib/deep/b.so", "walk/far/off", "file", "x[1]", "x1", "other/c"})
    put_file(project.handler() / path, path);
  project.put_template(
      "native:\n  output: [\"function/lib/*.so\", \"function/x[1]\", function/absent, "
      "\"function/walk/*/gone\", function/file/below, \"oth*\"]\n");
  const auto image = project.unpack(project.build()) / "home/app/function";
  CHECK(fs::exists(image / "lib/a.so"));
  CHECK(fs::exists(image / "x[1]"));
  for (const char* path : {"lib/a.txt", "lib/deep", "walk", "file", "x1", "other"}) {
    INFO(std::string(path));
    CHECK_FALSE(fs::exists(image / path));
  }
}

TEST_CASE("native build: output that matches nothing, or leads out, makes no image") {
  BuildProject project;
  project.put_template("native:\n  output: [absent]\n");
  CHECK(error_of([&] { project.build(); }).kind() == ErrorKind::failed);
  project.put_step("ln -s /etc/passwd function/made");
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "function/made"));
  CHECK_FALSE(fs::exists(project.project() / "build/.images/hello"));
}

TEST_CASE("native build: a step whose condition does not hold is left out, one that a step makes "
          "hold is run") {
  BuildProject project;
  project.put_template(R"(native:
  build:
    - {run: [sh, -c, "exit 1"], when: function/requirements.txt}
    - {run: [sh, -c, "echo x > made"]}
    - {run: [sh, -c, "cat made > second"], when: made}
)");
  CHECK(read_file(project.unpack(project.build()) / "home/app/second") == "x\n");
}

TEST_CASE("native build: a failed step keeps the log and the old image") {
  BuildProject project;
  const auto before = project.build();
  project.put_step("echo the reason; exit 7");
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::failed);
  CHECK(mentions(error.what(), "function \"hello\": sh -c"));
  CHECK(mentions(error.what(), "exit status 7\nthe reason"));
  const auto log = project.project() / "build/.logs/hello.log";
  CHECK(mentions(error.hint(), log.string()));
  CHECK(read_file(log).starts_with("$ sh -c"));
  CHECK(OciLayout::open(before.layout).manifest_descriptor().digest == before.manifest_digest);
  project.put_template(kTemplate);
  CHECK(project.build().unchanged);
}

TEST_CASE("native build: a template without a native build names those that have one") {
  BuildProject project;
  project.put_template("language: plain\nfprocess: cat\n");
  const ScopedVariable shipped("CFLASH_TEMPLATES", (project.root() / "others").string());
  put_file(project.root() / "others/good/template.yml", "native: {}\n");
  const auto error = error_of([&] { project.build(); });
  CHECK(error.kind() == ErrorKind::unsupported);
  CHECK(std::string(error.what()) ==
        "function \"hello\": lang plain is built with Docker, which is not supported yet");
  CHECK(error.hint() == "choose a template with a native build: good");
}

TEST_CASE("native build: shrinkwrap stops at the context, also for Docker's templates") {
  BuildProject project;
  project.put_template("language: plain\n");
  auto request = project.request();
  request.shrinkwrap = true;
  const auto result = project.build(request);
  CHECK(result.layout.empty());
  CHECK(read_file(project.context() / "function/message") == "hello\n");
  CHECK(fs::exists(project.context() / "template.yml"));
  CHECK_FALSE(fs::exists(project.project() / "build/.images"));
}

TEST_CASE("native build: a name that is a path is refused") {
  BuildProject project;
  project.function.name = "../hello";
  CHECK(error_of([&] { project.build(); }).kind() == ErrorKind::invalid);
}

TEST_CASE(
    "native build: of two builds at once the second waits, says so, and finds the work done") {
  BuildProject project;
  project.put_step("sleep 0.5; cat function/message > built");
  std::promise<void> begun;
  auto first = std::async(std::launch::async, [&] {
    return build_native(project.request(), [&](const std::string& line) {
      if (line.starts_with("running")) begun.set_value();
    });
  });
  REQUIRE(begun.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  const auto second = project.build();
  CHECK(second.unchanged);
  CHECK(second.manifest_digest == first.get().manifest_digest);
  CHECK(project.progress == std::vector<std::string>{"waiting for another build of hello"});
}

TEST_CASE("native build: a lock that is never freed ends in a conflict, or with a cancellation") {
  BuildProject project;
  project.build();
  const Fd lock = open_file(project.project() / "build/.locks/hello", O_RDWR);
  REQUIRE(::flock(lock.get(), LOCK_EX | LOCK_NB) == 0);
  auto request = project.request();
  request.step_timeout = std::chrono::milliseconds(200);
  CHECK(error_of([&] { project.build(request); }).kind() == ErrorKind::conflict);
  const std::atomic<bool> cancelled = true;
  request.cancelled = &cancelled;
  CHECK(mentions(error_of([&] { project.build(request); }).what(), "cancelled"));
}

TEST_CASE("native build: killed in the middle, it leaves the old image and a tree that builds") {
  BuildProject project;
  const auto before = project.build();
  project.put_step(
      "if test -e function/slow; then touch begun; sleep 60; fi; cat function/message > built");
  put_file(project.handler() / "slow", "");
  put_file(project.handler() / "message", "second\n");
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      build_native(project.request(), nullptr);
    } catch (...) {
    }
    ::_exit(0);
  }
  REQUIRE(child > 0);
  CHECK(wait_until([&] { return fs::exists(project.context() / "begun"); }));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(OciLayout::open(before.layout).manifest_descriptor().digest == before.manifest_digest);
  fs::remove(project.handler() / "slow");
  // What a kill while the image is written leaves behind.
  put_file(project.project() / "build/.images/.hello.new/index.json", "{");
  put_file(project.project() / "build/.images/.hello.new.old/x", "");
  const auto after = project.build();
  CHECK(read_file(project.unpack(after) / "home/app/built") == "second\n");
  CHECK_FALSE(fs::exists(project.project() / "build/.images/.hello.new"));
  CHECK_FALSE(fs::exists(project.project() / "build/.images/.hello.new.old"));
}

TEST_CASE("native build: a build folder that cannot be one is an error, not a crash") {
  BuildProject project;
  put_file(project.project() / "build", "a file");
  CHECK(mentions(error_of([&] { project.build(); }).what(), "build"));
}

TEST_CASE("native build: other tools read the image") {
  if (!find_program("skopeo")) return skip("there is no skopeo");
  BuildProject project;
  const auto result = project.build();
  const auto inspected = run(Command{.program = "skopeo",
                                     .args = {"inspect", "oci:" + result.layout.string() + ":1.0"},
                                     .argv0 = {},
                                     .env = {},
                                     .cwd = {}});
  REQUIRE_MESSAGE(inspected.status.ok(), inspected.err);
  const auto seen = nlohmann::json::parse(inspected.out);
  CHECK(seen.at("Digest") == result.manifest_digest);
  CHECK(seen.at("Labels").at("dev.cubeflash.function") == "hello");
  CHECK(seen.at("Layers").size() == 1);
}
