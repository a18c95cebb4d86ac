// SPDX-License-Identifier: Apache-2.0
#include "common/base/environment.hpp"
#include "common/base/file.hpp"
#include "common/base/text.hpp"
#include "tests/sandbox/sandboxed_run.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

using namespace cubeflash;
namespace fs = std::filesystem;

namespace {

bool can_sandbox() {
  static const auto probe = probe_sandbox(test_uid());
  if (!probe.available) skip_test(probe.reason);
  return probe.available;
}

// A directory that the sandbox's user can reach.
struct SharedDirectory {
  TemporaryDirectory place{fs::temp_directory_path()};

  SharedDirectory() { fs::permissions(place.path(), fs::perms(0777)); }

  const fs::path& path() const { return place.path(); }
};

bool has(const std::vector<std::string>& args, const std::string& arg) {
  return std::find(args.begin(), args.end(), arg) != args.end();
}

} // namespace

TEST_CASE("sandbox: the host's other files are invisible") {
  if (!can_sandbox()) return;
  const SharedDirectory secret;
  write_file_atomic(secret.path() / "secret", "x");
  const auto result = run_sandboxed(shell(
      "ls -a / /etc; ls " + secret.path().string() +
      " /root /home /boot /srv /mnt /sys 2>&1; cat /etc/shadow; ls /proc | grep -c '^[0-9]'"));
  REQUIRE(result.status);
  CHECK(result.out.find("secret\n") == std::string::npos);
  for (const auto* directory : {"root", "home", "boot", "srv", "mnt", "sys"}) {
    CAPTURE(directory);
    CHECK(result.out.find(fmt::format("cannot access '/{}'", directory)) != std::string::npos);
    CHECK(result.out.find(fmt::format("\n{}\n", directory)) == std::string::npos);
  }
  CHECK(result.out.find("/etc/shadow: No such file") != std::string::npos);
  CHECK(result.out.find("\nshadow\n") == std::string::npos);
}

TEST_CASE("sandbox: private keys under /etc are not shown, certificates are") {
  if (!can_sandbox()) return;
  const auto result = run_sandboxed(shell("ls /etc/ssl /etc/pki/tls 2>/dev/null; true"));
  REQUIRE(result.status);
  CHECK(result.out.find("private") == std::string::npos);
  if (fs::exists("/etc/ssl/certs")) CHECK(result.out.find("certs") != std::string::npos);
}

TEST_CASE("sandbox: the system is there, and read-only, and so is everything that was not mounted "
          "writable") {
  if (!can_sandbox()) return;
  const SharedDirectory shared;
  auto spec =
      shell("for d in / /usr /usr/bin /etc /run /var /dev /opt /in; do touch $d/cflash-probe 2>&1 "
            "&& echo WRITABLE $d; done; touch /out/made && echo made; getent passwd root; echo x > "
            "/dev/null && echo null");
  fs::create_directory(shared.path() / "in");
  fs::create_directory(shared.path() / "out");
  fs::permissions(shared.path() / "in", fs::perms(0777));
  fs::permissions(shared.path() / "out", fs::perms(0777));
  spec.mounts = {{shared.path() / "in", "/in", false}, {shared.path() / "out", "/out", true}};
  const auto result = run_sandboxed(spec);
  REQUIRE(result.status);
  CHECK_MESSAGE(result.out.find("WRITABLE") == std::string::npos, result.out);
  CHECK(result.out.find("made\n") != std::string::npos);
  CHECK(fs::exists(shared.path() / "out" / "made"));
  CHECK(result.out.find("root:") != std::string::npos);
  CHECK(result.out.find("null\n") != std::string::npos);
}

TEST_CASE("sandbox: /tmp is private, is /var/tmp too, and holds no more than it may") {
  if (!can_sandbox()) return;
  const SharedDirectory shared;
  auto spec = shell(
      "ls -a /tmp | wc -l; echo x > /tmp/mine && cat /var/tmp/mine && test -k /tmp && echo sticky; "
      "head -c 3000000 /dev/zero > /tmp/big || echo full; head -c 3000000 /dev/zero > /dev/shm/big "
      "|| echo full");
  spec.tmp_bytes = 1U << 20U;
  const auto result = run_sandboxed(spec);
  REQUIRE(result.status);
  CHECK(result.out.starts_with("2\nx\nsticky\n"));
  CHECK_MESSAGE(result.out.find("full\n") != result.out.rfind("full\n"), result.out);
  CHECK_FALSE(fs::exists("/tmp/mine"));
}

TEST_CASE("sandbox: argv is PID 1 when asked, else a child of the reaper") {
  if (!can_sandbox()) return;
  auto spec = shell("echo $$");
  CHECK(trim(run_sandboxed(spec).out) != "1");
  spec.init_is_argv = true;
  CHECK(trim(run_sandboxed(spec).out) == "1");
}

TEST_CASE("sandbox: runs without privileges, in namespaces of its own") {
  if (!can_sandbox()) return;
  const auto result =
      run_sandboxed(shell("id -u; grep -E 'Cap(Eff|Bnd|Prm)|NoNewPrivs' /proc/self/status; "
                          "for n in mnt pid ipc uts user net; do echo $n $(readlink "
                          "/proc/self/ns/$n); done; hostname"));
  REQUIRE(result.status);
  const auto lines = split(result.out, '\n');
  CHECK(lines.front() == (::geteuid() == 0 ? "1000" : std::to_string(::geteuid())));
  CHECK(result.out.find("CapEff:\t0000000000000000") != std::string::npos);
  CHECK(result.out.find("CapBnd:\t0000000000000000") != std::string::npos);
  CHECK(result.out.find("NoNewPrivs:\t1") != std::string::npos);
  for (const auto* name : {"mnt", "pid", "ipc", "uts", "user"}) {
    CAPTURE(name);
    const auto host = fs::read_symlink(fs::path("/proc/self/ns") / name).string();
    CHECK(result.out.find(fmt::format("{} {}:[", name, name)) != std::string::npos);
    CHECK(result.out.find(host) == std::string::npos);
  }
  CHECK(result.out.find(fs::read_symlink("/proc/self/ns/net").string()) != std::string::npos);
  CHECK(result.out.ends_with("localhost\n"));
}

TEST_CASE("sandbox: the environment is the one given, and the caller's is not seen") {
  if (!can_sandbox()) return;
  ::setenv("CFLASH_TEST_LEAK", "leaked", 1);
  auto spec = shell("env");
  spec.env = {"PATH=" + sandbox_path(), "GREETING=hello world", "EMPTY="};
  spec.working_dir = "/usr";
  const auto result = run_sandboxed(spec);
  ::unsetenv("CFLASH_TEST_LEAK");
  REQUIRE(result.status);
  CHECK(result.out.find("GREETING=hello world\n") != std::string::npos);
  CHECK(result.out.find("EMPTY=\n") != std::string::npos);
  CHECK(result.out.find("PWD=/usr\n") != std::string::npos);
  CHECK(result.out.find("leaked") == std::string::npos);
}

TEST_CASE("sandbox: what the loader obeys reaches the function, not bubblewrap") {
  SandboxSpec spec = shell("echo $LD_PRELOAD");
  spec.env = {"PATH=/usr/bin:/bin", "LD_PRELOAD=/nonexistent.so", "SECRET=s3cret"};
  if (!can_sandbox()) return;
  const auto command = sandbox_command(spec);
  REQUIRE(command.env);
  CHECK_FALSE(has(*command.env, "LD_PRELOAD=/nonexistent.so"));
  CHECK(has(*command.env, "SECRET=s3cret"));
  // Arguments are readable by every account of the host.
  for (const auto& arg : command.args)
    CHECK(arg.find("s3cret") == std::string::npos);
  CHECK(run_sandboxed(spec).out.find("/nonexistent.so") != std::string::npos);
}

TEST_CASE("sandbox: the exit code comes as the status, and through the status descriptor") {
  if (!can_sandbox()) return;
  const auto result = run_sandboxed(shell("exit 7"));
  REQUIRE(result.status);
  CHECK(result.status->code() == 7);
  CHECK(result.report.find("\"child-pid\"") != std::string::npos);
  CHECK(result.report.find("\"exit-code\": 7") != std::string::npos);
}

TEST_CASE("sandbox: a program that is missing inside is an error with its name") {
  if (!can_sandbox()) return;
  SandboxSpec spec;
  spec.argv = {"/no/such/program"};
  const auto result = run_sandboxed(spec);
  REQUIRE(result.status);
  CHECK_FALSE(result.status->ok());
  CHECK(result.out.find("/no/such/program") != std::string::npos);
}

TEST_CASE("sandbox: a mount lands in a directory that does not exist, with a name of any letters") {
  if (!can_sandbox()) return;
  const SharedDirectory shared;
  const auto source = shared.path() / "with blank ü";
  fs::create_directory(source);
  write_file_atomic(source / "f", "found");
  auto spec = shell("cat '/home/app/deep er/f' /tmp/t/f /run/r/f /var/tmp/v/f");
  spec.mounts = {{source, "/home/app/deep er", false},
                 {source, "/tmp/t", false},
                 {source, "/run/r", false},
                 {source, "/var/tmp/v", false}};
  const auto result = run_sandboxed(spec);
  CHECK_MESSAGE(result.out == "foundfoundfoundfound", result.out);
}

TEST_CASE("sandbox_command: refuses a relative mount target") {
  if (!find_program("bwrap")) return skip_test("bubblewrap is not installed");
  auto spec = shell("true");
  spec.mounts = {{"/usr", "relative", false}};
  CHECK(error_of([&] { sandbox_command(spec); }).kind == ErrorKind::invalid);
}

TEST_CASE("sandbox_command: passes argv on as it is, whatever it looks like") {
  if (!find_program("bwrap")) return skip_test("bubblewrap is not installed");
  SandboxSpec spec;
  spec.argv = {"--bind", "/", "/", "; rm -rf /"};
  const auto args = sandbox_command(spec).args;
  const auto end = std::find(args.begin(), args.end(), "--");
  REQUIRE(end != args.end());
  CHECK(std::vector<std::string>(end + 1, args.end()) == spec.argv);
}
