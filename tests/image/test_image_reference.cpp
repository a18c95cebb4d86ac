// SPDX-License-Identifier: Apache-2.0
#include "common/image/digest.hpp"
#include "common/image/oci_layout.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;

TEST_CASE("ImageReference: takes names apart and puts them together again") {
  const auto digest = digest_of("x");

  struct Case {
    std::string text, repository, tag, digest, again;
  };

  const Case cases[] = {
      {"render", "render", "latest", "", "render:latest"},
      {"render:1.0", "render", "1.0", "", "render:1.0"},
      {"registry:5000/a/b", "registry:5000/a/b", "latest", "", "registry:5000/a/b:latest"},
      {"registry:5000/a/b:V_1", "registry:5000/a/b", "V_1", "", "registry:5000/a/b:V_1"},
      {"Registry.Example.com/a",
       "Registry.Example.com/a",
       "latest",
       "",
       "Registry.Example.com/a:latest"},
      {"localhost/a__b/c---d", "localhost/a__b/c---d", "latest", "", "localhost/a__b/c---d:latest"},
      {"b@" + digest, "b", "", digest, "b@" + digest},
      {"b:t@" + digest, "b", "t", digest, "b:t@" + digest},
  };
  for (const auto& row : cases) {
    CAPTURE(row.text);
    const auto reference = ImageReference::parse(row.text);
    CHECK(reference.repository == row.repository);
    CHECK(reference.tag == row.tag);
    CHECK(reference.digest == row.digest);
    CHECK(reference.text() == row.again);
  }
}

TEST_CASE("ImageReference: refuses what the specification does not allow") {
  for (const std::string& text : {std::string(),
                                  std::string(":latest"),
                                  std::string("Render"),
                                  std::string("a/B"),
                                  std::string("a//b"),
                                  std::string("/a"),
                                  std::string("a/"),
                                  std::string("a..b"),
                                  std::string("a___b"),
                                  std::string("-a"),
                                  std::string("a b"),
                                  std::string("../../etc"),
                                  std::string("a:"),
                                  std::string("a:-x"),
                                  std::string("a:b:c"),
                                  std::string("a:") + std::string(129, 'x'),
                                  std::string(256, 'a'),
                                  std::string("host:99999/a"),
                                  std::string("a@sha256:123"),
                                  std::string("a@md5:d41d8cd98f00b204e9800998ecf8427e"),
                                  std::string("a\n"),
                                  std::string("a\0b", 3)}) {
    CAPTURE(text);
    CHECK(error_of([&] { ImageReference::parse(text); }).kind == ErrorKind::invalid);
  }
}
