// SPDX-License-Identifier: Apache-2.0
// The same promises for an ordinary account: this program runs its contract once more as one.
#include "common/base/environment.hpp"
#include "common/base/process.hpp"
#include "tests/engine/engine_world.hpp"
#include "tests/engine/tool.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace cubeflash;
using namespace cubeflash::daemon;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kOrdinary = 100'001;

std::vector<std::string> environment_with(const std::string& entry) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each)
    if (!std::string_view(*each).starts_with(entry.substr(0, entry.find('=') + 1)))
      all.emplace_back(*each);
  all.push_back(entry);
  return all;
}

} // namespace

TEST_CASE("ordinary account: the contract and the adoption hold for it as well") {
  if (::geteuid() != 0) return skipped("this is one already");
  if (!has_watchdog()) return;
  const auto own = scratch_directory() / "ordinary";
  fs::create_directory(own);
  REQUIRE(::chown(own.c_str(), kOrdinary, kOrdinary) == 0);
  // Copies: other accounts may not be able to reach the build directory.
  const auto programs = own / "bin";
  fs::create_directory(programs);
  for (const char* name : {"test_engine", "engine_behave", "engine_child", "cflash-watchdog"})
    fs::copy_file(executable_directory() / name, programs / name);
  const auto output = own / "output";
  const Fd out = open_file(output, O_RDWR | O_CREAT | O_APPEND);
  Command command;
  command.program = (programs / "test_engine").string();
  command.args = {"--test-case=contract:*,adoption:*,sandbox:*,socket:*"};
  command.env = environment_with("TMPDIR=" + own.string());
  command.cwd = own.string();
  Process child =
      spawn_confined(command, {-1, out.get(), out.get(), {}}, {{}, {}, kOrdinary, false});
  const auto status = child.wait_for(milliseconds(400'000));
  REQUIRE(status);
  CAPTURE(read_file(output));
  CHECK(status->ok());
}
