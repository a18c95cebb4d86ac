// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "common/base/process.hpp"
#include "common/image/archive.hpp"
#include "common/image/digest.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>

using namespace cubeflash;
namespace fs = std::filesystem;

namespace {

struct Tree {
  TemporaryDirectory place{fs::temp_directory_path()};
  LayerEntries entries;

  Tree() {
    fs::create_directories(path("src/pkg"));
    write_file_atomic(path("src/main.py"), "print(1)\n");
    write_file_atomic(path("src/run"), "#!/bin/sh\n", 0755);
    fs::create_symlink("main.py", path("src/link"));
    entries = {{"home/app", path("src")},
               {"home/app/main.py", path("src/main.py")},
               {"home/app/run", path("src/run")},
               {"home/app/link", path("src/link")},
               {"home/app/pkg", path("src/pkg")}};
  }

  fs::path path(const std::string& name) const { return place.path() / name; }

  WrittenLayer write(const std::string& name = "layer") const {
    return write_layer(entries, path(name));
  }
};

} // namespace

TEST_CASE("write_layer: the same input gives the same bytes, whatever times, owners and other "
          "modes say") {
  const Tree tree;
  const auto first = tree.write("first");
  fs::last_write_time(tree.path("src/main.py"),
                      fs::file_time_type::clock::now() - std::chrono::hours(100));
  fs::permissions(tree.path("src/main.py"), fs::perms(0600));
  fs::permissions(tree.path("src/pkg"), fs::perms(0700));
  const auto second = tree.write("second");
  CHECK(first.digest == second.digest);
  CHECK(first.diff_id == second.diff_id);
  CHECK(read_file(tree.path("first")) == read_file(tree.path("second")));
}

TEST_CASE("write_layer: reports the digests and the size that the file really has") {
  const Tree tree;
  const auto layer = tree.write();
  CHECK(layer.digest == digest_of_file(tree.path("layer")));
  CHECK(layer.size == fs::file_size(tree.path("layer")));
  const auto tar = run({.program = "gzip",
                        .args = {"-dc", tree.path("layer").string()},
                        .argv0 = {},
                        .env = {},
                        .cwd = {}});
  REQUIRE(tar.status.ok());
  CHECK(layer.diff_id == digest_of(tar.out));
}

TEST_CASE("write_layer: the digest follows content, executable bit, link target and names") {
  Tree tree;
  const auto before = tree.write().digest;
  SUBCASE("content") {
    write_file_atomic(tree.path("src/main.py"), "print(2)\n");
  }
  SUBCASE("executable bit") {
    fs::permissions(tree.path("src/main.py"), fs::perms(0755));
  }
  SUBCASE("link target") {
    fs::remove(tree.path("src/link"));
    fs::create_symlink("run", tree.path("src/link"));
  }
  SUBCASE("name") {
    tree.entries["home/app/other.py"] = tree.entries["home/app/main.py"];
    tree.entries.erase("home/app/main.py");
  }
  SUBCASE("directory") {
    tree.entries.erase("home/app/pkg");
  }
  CHECK(tree.write("again").digest != before);
}

TEST_CASE("write_layer: other tools read it, with the modes and times it promises") {
  const Tree tree;
  tree.write();
  const auto list = run({.program = "tar",
                         .args = {"--numeric-owner", "--utc", "-tvzf", tree.path("layer").string()},
                         .argv0 = {},
                         .env = {},
                         .cwd = {}});
  REQUIRE(list.status.ok());
  CHECK(list.err == "");
  CHECK(list.out.find("drwxr-xr-x 0/0") == 0);
  CHECK(list.out.find("-rw-r--r-- 0/0               9 1970-01-01 00:00 home/app/main.py") !=
        std::string::npos);
  CHECK(list.out.find("-rwxr-xr-x 0/0") != std::string::npos);
  CHECK(list.out.find("home/app/link -> main.py") != std::string::npos);
}

TEST_CASE("write_layer: refuses devices, sockets and fifos, naming them") {
  Tree tree;
  SUBCASE("fifo") {
    REQUIRE(::mkfifo(tree.path("odd").c_str(), 0600) == 0);
  }
  SUBCASE("socket") {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = tree.path("odd").string();
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  SUBCASE("device") {
    fs::create_symlink("/dev/null", tree.path("odd"));
  }
  tree.entries["odd"] = fs::is_symlink(tree.path("odd")) ? fs::path("/dev/null") : tree.path("odd");
  const auto error = error_of([&] { tree.write(); });
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.says(tree.entries["odd"].string()));
}

TEST_CASE("write_layer: refuses names that could not be unpacked, and files that are not there") {
  Tree tree;
  for (const auto* name : {"/etc/passwd", "../up", "a/../b", "a//b", "./a", ""}) {
    CAPTURE(name);
    CHECK(error_of([&] {
            write_layer({{name, tree.path("src/run")}}, tree.path("layer"));
          }).kind == ErrorKind::invalid);
  }
  const auto error = error_of([&] {
    write_layer({{"x", tree.path("missing")}}, tree.path("layer"));
  });
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.says("missing"));
}

TEST_CASE("write_layer: a full disk is a SystemError that names the layer") {
  const Tree tree;
  const auto error = error_of([&] { write_layer(tree.entries, "/dev/full"); });
  CHECK(error.code == ENOSPC);
  CHECK(error.says("/dev/full"));
}

TEST_CASE("write_layer: 20 MB of source take seconds, not minutes") {
  const Tree tree;
  std::string text;
  while (text.size() < (20U << 20U))
    text += "def handle(request, number=" + std::to_string(text.size()) + "): return request\n";
  write_file_atomic(tree.path("big.py"), text);
  const auto start = std::chrono::steady_clock::now();
  write_layer({{"big.py", tree.path("big.py")}}, tree.path("layer"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
