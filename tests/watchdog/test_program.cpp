// SPDX-License-Identifier: Apache-2.0
// The program as a file: static, small, at home in an empty root.
#include "common/base/environment.hpp"
#include "tests/watchdog/running_watchdog.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <elf.h>

using namespace cubeflash;
using namespace cubeflash::test;
namespace fs = std::filesystem;

namespace {

bool is_static(const std::string& program) {
  const auto image = read_file(program);
  Elf64_Ehdr header{};
  std::memcpy(&header, image.data(), sizeof header);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    std::memcpy(&segment, image.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_INTERP) return false;
  }
  return true;
}

} // namespace

TEST_CASE("program: static, and at most 2 MB") {
  if (is_sanitized()) {
    MESSAGE("SKIPPED: a sanitized program is neither static nor small");
    return;
  }
  CHECK(is_static(watchdog_program()));
  CHECK(fs::file_size(watchdog_program()) <= 2'000'000);
}

TEST_CASE("program: idle, it takes at most 2 MB of memory") {
  if (is_sanitized()) {
    MESSAGE("SKIPPED: a sanitizer has its own idea of memory");
    return;
  }
  const RunningWatchdog watchdog("cat");
  CHECK(watchdog.exchange(post("/", "warm")).status == 200);
  CHECK(status_kib(watchdog.pid(), "VmRSS") <= 2048);
}

TEST_CASE("program: runs in a root that holds nothing else") {
  if (is_sanitized() || ::geteuid() != 0) {
    MESSAGE("SKIPPED: needs chroot(2) and a static program");
    // NOLINTNEXTLINE(concurrency-mt-unsafe) - nothing calls setenv here
    if (!is_sanitized() && std::getenv("CFLASH_NO_SKIP") != nullptr) FAIL("not allowed to skip");
    return;
  }
  const TemporaryDirectory root(fs::temp_directory_path());
  fs::copy_file(watchdog_program(), root.path() / "cflash-watchdog");
  fs::create_directory(root.path() / "tmp");
  Command command;
  command.program = "chroot";
  command.args = {root.path().string(), "/cflash-watchdog"};
  // Its own handler: the only program there is.
  command.env = {{"fprocess=/cflash-watchdog -version",
                  "CFLASH_LISTEN=unix:/tmp/s",
                  "CFLASH_READY_FD=3",
                  "PATH=/usr/sbin:/usr/bin:/bin"}};
  Pipe ready = Pipe::create();
  const Process watchdog = spawn(command, Stdio{-1, -1, -1, {{ready.write.get(), 3}}});
  ready.write.reset();
  char byte = 0;
  REQUIRE(::read(ready.read.get(), &byte, 1) == 1);
  const auto reply = HttpClient((root.path() / "tmp/s").string()).exchange(post("/", "x"));
  CHECK(reply.status == 200);
  CHECK(reply.body.find("Version: ") != std::string::npos);
}
