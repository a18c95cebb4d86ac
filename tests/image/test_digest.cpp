// SPDX-License-Identifier: Apache-2.0
#include "common/base/file.hpp"
#include "common/image/digest.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;

TEST_CASE("digest_of: gives the SHA-256 that FIPS 180-4 gives") {
  CHECK(digest_of("") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest_of("abc") ==
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("Hasher: parts give the digest of the whole") {
  Hasher hasher;
  hasher.update("a");
  hasher.update("");
  hasher.update("bc");
  CHECK(hasher.finish() == digest_of("abc"));
}

TEST_CASE("digest_of_file: reads files larger than its buffer, and names one that is missing") {
  const TemporaryDirectory directory(std::filesystem::temp_directory_path());
  const std::string content(1'000'003, 'x');
  write_file_atomic(directory.path() / "f", content);
  CHECK(digest_of_file(directory.path() / "f") == digest_of(content));
  const auto error = error_of([&] { digest_of_file(directory.path() / "missing"); });
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.says("missing"));
}

TEST_CASE("is_digest: accepts one form only, since paths are made of it") {
  const auto good = digest_of("x");
  CHECK(is_digest(good));
  for (const std::string& bad :
       {std::string(),
        std::string("sha256:"),
        good.substr(0, good.size() - 1),
        good + "0",
        good.substr(7),
        "sha512:" + good.substr(7),
        "sha256:" + std::string(64, 'A'),
        std::string("sha256:../../../../../../../../../../../../../../../../../../../etc/pas")}) {
    CAPTURE(bad);
    CHECK_FALSE(is_digest(bad));
  }
}
