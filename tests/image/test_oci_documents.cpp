// SPDX-License-Identifier: Apache-2.0
#include "common/image/digest.hpp"
#include "common/image/oci_layout.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;

namespace {

ImageConfig sample_config() {
  return {.architecture = "amd64",
          .env = {"fprocess=python3 index.py", "PATH=/usr/bin"},
          .entrypoint = {"cflash-watchdog"},
          .cmd = {"a", "b c"},
          .working_dir = "/home/app",
          .user = "app",
          .labels = {{"com.example", "Grüße"}},
          .diff_ids = {digest_of("tar")}};
}

} // namespace

TEST_CASE("image configuration: what is written is read back, and nothing in it changes from build "
          "to build") {
  const auto config = sample_config();
  const auto text = to_json_text(config);
  CHECK(text == to_json_text(config));
  CHECK(text.find("created") == std::string::npos);
  const auto again = parse_config(text);
  CHECK(again.architecture == config.architecture);
  CHECK(again.env == config.env);
  CHECK(again.entrypoint == config.entrypoint);
  CHECK(again.cmd == config.cmd);
  CHECK(again.working_dir == config.working_dir);
  CHECK(again.user == config.user);
  CHECK(again.labels == config.labels);
  CHECK(again.diff_ids == config.diff_ids);
}

TEST_CASE("image configuration: null and missing fields, as other builders write them, are empty") {
  const auto config = parse_config(
      R"({"architecture":"amd64","os":"linux","config":{"Env":null,"Cmd":["x"]},"history":[{}]})");
  CHECK(config.env.empty());
  CHECK(config.cmd == std::vector<std::string>{"x"});
  CHECK(parse_config("{}").entrypoint.empty());
}

TEST_CASE("image configuration: text that is no UTF-8 does not stop the writer") {
  auto config = sample_config();
  config.env.emplace_back("X=\xff");
  CHECK(parse_config(to_json_text(config)).env.size() == 3);
}

TEST_CASE("image manifest: what is written is read back") {
  ImageManifest manifest;
  manifest.config = {std::string(kConfigType), digest_of("c"), 1};
  manifest.layers = {{std::string(kLayerType), digest_of("l1"), 5ULL << 32U},
                     {std::string(kLayerType), digest_of("l2"), 0}};
  manifest.annotations = {{"k", "v"}};
  const auto text = to_json_text(manifest);
  CHECK(text == to_json_text(manifest));
  const auto again = parse_manifest(text);
  CHECK(again.config.digest == manifest.config.digest);
  CHECK(again.config.media_type == kConfigType);
  REQUIRE(again.layers.size() == 2);
  CHECK(again.layers[0].size == 5ULL << 32U);
  CHECK(again.layers[1].digest == digest_of("l2"));
  CHECK(again.annotations == manifest.annotations);
}

TEST_CASE("image manifest: refuses what is none, naming the field") {
  const auto digest = digest_of("x");
  const auto descriptor = R"({"mediaType":"t","digest":")" + digest + R"(","size":1})";

  struct Case {
    std::string text, says;
  };

  const Case cases[] = {
      {"", "manifest"},
      {"[]", "manifest"},
      {"{", "manifest"},
      {"{}", "schemaVersion"},
      {R"({"schemaVersion":1})", "schemaVersion"},
      {R"({"schemaVersion":2,"manifests":[]})", "index"},
      {R"({"schemaVersion":2,"mediaType":"text/plain"})", "mediaType"},
      {R"({"schemaVersion":2,"layers":[]})", "config"},
      {R"({"schemaVersion":2,"config":)" + descriptor + "}", "layers"},
      {R"({"schemaVersion":2,"config":{"digest":"../x","size":1},"layers":[]})", "config.digest"},
      {R"({"schemaVersion":2,"config":)" + descriptor + R"(,"layers":[{"digest":")" + digest +
           R"(","size":-1}]})",
       "size"},
      {R"({"schemaVersion":2,"config":)" + descriptor + R"(,"layers":[{"digest":")" + digest +
           R"("}]})",
       "size"},
      {std::string(100'000, '['), "manifest"},
  };
  for (const auto& row : cases) {
    CAPTURE(row.text.substr(0, 200));
    const auto error = error_of([&] { parse_manifest(row.text); });
    CHECK(error.kind == ErrorKind::invalid);
    CHECK_MESSAGE(error.says(row.says), error.what);
  }
}

TEST_CASE("image_architecture: speaks Go") {
  const auto name = image_architecture();
  CHECK_FALSE(name.empty());
  CHECK(name != "x86_64");
  CHECK(name != "aarch64");
}
