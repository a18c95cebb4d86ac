// SPDX-License-Identifier: Apache-2.0
#include "common/base/error.hpp"
#include "common/base/file.hpp"
#include "daemon/engine/endpoint.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

using namespace cubeflash;
using namespace cubeflash::daemon;

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Fd listen_at(const std::string& path) {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = address_of(path);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(socket.get(), 4) == 0);
  return socket;
}

bool connects_to(const std::string& path) {
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = address_of(path);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

} // namespace

TEST_CASE("connect_path: leads to a socket whose path is longer than an address holds") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const auto deep = directory.path() / std::string(120, 'd');
  std::filesystem::create_directory(deep);
  const Fd listener = listen_at((directory.path() / "s").string());
  std::filesystem::rename(directory.path() / "s", deep / "http.sock");
  const ConnectPath path = connect_path({(deep / "http.sock").string(), "", 0});
  CHECK(connects_to(path.text()));
}

TEST_CASE("connect_path: does not follow a link that an instance put in the place of its socket") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const Fd listener = listen_at((directory.path() / "other").string());
  const auto link = directory.path() / "http.sock";
  std::filesystem::create_symlink(directory.path() / "other", link);
  CHECK_THROWS_AS(connect_path({link.string(), "", 0}), Error);
  std::filesystem::remove(link);
  CHECK_THROWS_AS(connect_path({link.string(), "", 0}), SystemError);
  write_file_atomic(link, "a file");
  CHECK_THROWS_AS(connect_path({link.string(), "", 0}), Error);
}
