// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "common/base/text.hpp"
#include "common/sandbox/sandbox.hpp"
#include "common/sandbox/system_view.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

using namespace cubeflash;
namespace fs = std::filesystem;

namespace {

std::string sandbox_path_with(const std::string& path) {
  const std::string before = ::getenv("PATH");
  ::setenv("PATH", path.c_str(), 1);
  const auto result = sandbox_path();
  ::setenv("PATH", before.c_str(), 1);
  return result;
}

constexpr const char* kSystem = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

} // namespace

TEST_CASE("sandbox_path: keeps what the sandbox shows, in order, once each") {
  CHECK(sandbox_path_with("") == kSystem);
  CHECK(
      sandbox_path_with("/usr/lib:/home:/tmp:/usr/lib:relative::/usr/../tmp:/no/such/dir:/usrx") ==
      std::string("/usr/lib:") + kSystem);
  CHECK(sandbox_path_with("/bin:/usr/bin") ==
        "/bin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin");
}

TEST_CASE("sandbox_path: leaves out a directory that only looks as if it were shown") {
  const TemporaryDirectory place(fs::temp_directory_path());
  fs::create_directory_symlink("/usr/lib", place.path() / "link");
  CHECK(sandbox_path_with((place.path() / "link").string()) == kSystem);
}

TEST_CASE("system view: shows what exists, and nothing that can be written or is secret") {
  std::vector<std::string> args;
  add_system_view(args);
  REQUIRE_FALSE(args.empty());
  for (std::size_t i = 0; i < args.size(); i += 3) {
    CAPTURE(args[i + 1]);
    CHECK((args[i] == "--ro-bind" || args[i] == "--symlink"));
    if (args[i] == "--ro-bind") CHECK(fs::exists(args[i + 1]));
  }
  for (const auto* secret : {"/etc/shadow",
                             "/etc/gshadow",
                             "/etc/ssl",
                             "/etc/ssl/private",
                             "/etc/pki",
                             "/root",
                             "/home"}) {
    CAPTURE(secret);
    CHECK(std::find(args.begin(), args.end(), secret) == args.end());
  }
  if (fs::is_symlink("/bin")) {
    const auto bin = std::find(args.begin(), args.end(), "/bin");
    REQUIRE(bin != args.end());
    CHECK(*(bin - 1) == fs::read_symlink("/bin").string());
    CHECK(*(bin - 2) == "--symlink");
  }
}
