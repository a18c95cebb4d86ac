// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.hpp"
#include "cli/credentials.hpp"
#include "common/base/file.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace cubeflash;
using namespace cubeflash::cli;

namespace {

// A daemon's home with a token, and a configuration file with one login.
struct Account {
  TemporaryDirectory directory{std::filesystem::temp_directory_path()};
  std::map<std::string, std::string> environment;
  CredentialSources sources{.flag = {},
                            .environment = [this](const char* name) -> std::optional<std::string> {
                              const auto found = environment.find(name);
                              return found == environment.end() ? std::nullopt
                                                                : std::optional(found->second);
                            },
                            .daemon_home = directory.path(),
                            .config_file = directory.path() / "config.yml",
                            .running_daemon = {}};

  Account() { write_file_atomic(directory.path() / "admin-token", "admin\n", 0600); }

  void store_login(const std::string& text) { write_file_atomic(sources.config_file, text, 0600); }
};

const char* const kLogin =
    "auths:\n- gateway: HTTP://127.0.0.1:8080/\n  auth: basic\n  token: YWRtaW46cGE6c3M=\n"
    "- gateway: https://remote.example\n  auth: oauth2\n  token: jwt\n";

} // namespace

TEST_CASE("find_credentials: the admin token goes to a local gateway only") {
  const Account account;
  for (const char* local :
       {"http://127.0.0.1:8080", "http://localhost:9", "http://[::1]:8080", "http://127.1.2.3"})
    CHECK(find_credentials(local, account.sources).token == "admin");
  for (const char* remote :
       {"http://10.0.0.1:8080", "https://remote.example", "http://127.0.0.1.example"}) {
    const auto found = find_credentials(remote, account.sources);
    CHECK(found.token.empty());
    CHECK(found.user.empty());
  }
}

TEST_CASE("find_credentials: --token, then CFLASH_TOKEN, go to any gateway") {
  Account account;
  account.environment["CFLASH_TOKEN"] = "from-environment\n";
  CHECK(find_credentials("https://remote.example", account.sources).token == "from-environment");
  account.sources.flag = "from-flag";
  CHECK(find_credentials("http://127.0.0.1:8080", account.sources).token == "from-flag");
}

TEST_CASE(
    "find_credentials: a stored login counts unless this account's own daemon listens there") {
  Account account;
  account.store_login(kLogin);
  const auto stored = find_credentials("http://127.0.0.1:8080", account.sources);
  CHECK(stored.user == "admin");
  CHECK(stored.password == "pa:ss");
  CHECK(find_credentials("https://remote.example", account.sources).token == "jwt");
  account.sources.running_daemon = "http://127.0.0.1:8080";
  CHECK(find_credentials("http://127.0.0.1:8080", account.sources).token == "admin");
}

TEST_CASE("find_credentials: nothing stored is no error") {
  Account account;
  account.sources.daemon_home = "/nonexistent";
  CHECK(find_credentials("http://127.0.0.1:8080", account.sources).token.empty());
}

TEST_CASE("stored_login: a broken configuration file is named with its line") {
  Account account;
  account.store_login("auths:\n- gateway: [\n");
  const auto broken = error_of([&] { stored_login(account.sources.config_file, "http://x"); });
  CHECK(broken.kind == ErrorKind::invalid);
  CHECK(broken.says("config.yml:"));
  account.store_login("auths:\n- gateway: http://x\n  token: '!!'\n");
  CHECK(error_of([&] {
          stored_login(account.sources.config_file, "http://x");
        }).says("config.yml:2"));
  account.store_login("just text");
  CHECK_FALSE(stored_login(account.sources.config_file, "http://x"));
}
