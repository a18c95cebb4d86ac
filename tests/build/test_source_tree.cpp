// SPDX-License-Identifier: Apache-2.0
#include "cli/build/source_tree.hpp"
#include "tests/build/build_project.hpp"

#include <sys/stat.h>

using namespace cubeflash;
using namespace cubeflash::cli;
using namespace cubeflash::cli::test;

TEST_CASE("source tree: a copy has the same files, links and executable bits, closed to others") {
  const TemporaryDirectory place(fs::temp_directory_path());
  const auto from = place.path() / "from";
  put_file(from / "a/run", "#!/bin/sh\n", true);
  put_file(from / "a/b/text", "text");
  fs::create_directories(from / "empty");
  fs::create_symlink("b/text", from / "a/link");
  write_tree(read_tree(from), place.path() / "to");
  const auto to = place.path() / "to";
  CHECK(read_file(to / "a/run") == "#!/bin/sh\n");
  CHECK(fs::status(to / "a/run").permissions() == fs::perms::owner_all);
  CHECK(fs::status(to / "a/b/text").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(fs::read_symlink(to / "a/link") == "b/text");
  CHECK(fs::is_directory(to / "empty"));
  CHECK(fs::status(to).permissions() == fs::perms::owner_all);
}

TEST_CASE("source tree: a link that leads out is refused by name") {
  for (const std::string target : {"/etc/passwd", "../outside", "a/../../outside", "sub/../x"}) {
    CAPTURE(target);
    const TemporaryDirectory place(fs::temp_directory_path());
    fs::create_symlink(target, place.path() / "odd-link");
    const auto error = error_of([&] { read_tree(place.path()); });
    CHECK(error.kind() == ErrorKind::invalid);
    CHECK(mentions(error.what(), "odd-link"));
  }
}

TEST_CASE("source tree: a fifo is refused, not waited for") {
  const TemporaryDirectory place(fs::temp_directory_path());
  REQUIRE(::mkfifo((place.path() / "pipe").c_str(), 0600) == 0);
  const auto error = error_of([&] { read_tree(place.path()); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(mentions(error.what(), "pipe is a device, a fifo or a socket"));
}

TEST_CASE("source tree: what is laid over wins, whatever was there") {
  const auto entry = [](TreeEntry::Type type) {
    return TreeEntry{.type = type, .source = {}, .target = {}};
  };
  Tree tree{{"a", entry(TreeEntry::Type::directory)},
            {"a-b", entry(TreeEntry::Type::file)},
            {"a/x", entry(TreeEntry::Type::file)},
            {"b", entry(TreeEntry::Type::link)}};
  overlay(tree, "", {{"a", entry(TreeEntry::Type::file)}});
  CHECK(tree.size() == 3);
  CHECK(tree.at("a").type == TreeEntry::Type::file);
  // A link in the way is replaced, never followed.
  overlay(tree, "./b/c/", {{"x", entry(TreeEntry::Type::file)}});
  CHECK(tree.at("b").type == TreeEntry::Type::directory);
  CHECK(tree.at("b/c").type == TreeEntry::Type::directory);
  CHECK(tree.at("b/c/x").type == TreeEntry::Type::file);
}

TEST_CASE("source tree: a directory takes another's place, content and all") {
  const TemporaryDirectory place(fs::temp_directory_path());
  put_file(place.path() / "old/a", "old");
  put_file(place.path() / "new/b", "new");
  replace_directory(place.path() / "new", place.path() / "old");
  CHECK(fs::exists(place.path() / "old/b"));
  CHECK_FALSE(fs::exists(place.path() / "old/a"));
  CHECK_FALSE(fs::exists(place.path() / "new"));
}

TEST_CASE("source tree: being within is a matter of components") {
  CHECK(is_within("/w/proj", "/w/proj"));
  CHECK(is_within("/w/proj/a", "/w/proj"));
  CHECK_FALSE(is_within("/w/proj-x", "/w/proj"));
  CHECK_FALSE(is_within("/w", "/w/proj"));
}

TEST_CASE("source tree: read-only directories are removed as well") {
  const TemporaryDirectory place(fs::temp_directory_path());
  put_file(place.path() / "t/a/b/file", "");
  fs::permissions(place.path() / "t/a/b", fs::perms::owner_read);
  fs::permissions(place.path() / "t/a", fs::perms::owner_read | fs::perms::owner_exec);
  remove_tree(place.path() / "t");
  CHECK_FALSE(fs::exists(place.path() / "t"));
}
