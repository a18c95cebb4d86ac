// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/router.hpp"

#include <doctest/doctest.h>

using namespace cubeflash;
using namespace cubeflash::daemon;

namespace {

awaitable<Reply> nothing(Request, PathParameters) {
  co_return Reply{};
}

Router sample() {
  Router router;
  router.add("GET", "/system/functions", nothing);
  router.add("POST", "/system/functions", nothing);
  router.add("GET", "/system/function/{name}", nothing);
  router.add("GET", "/v2", nothing);
  router.add("HEAD", "/v2/{repository...}/blobs/{digest}", nothing);
  router.add("POST", "/v2/{repository...}/blobs/uploads", nothing);
  return router;
}

} // namespace

TEST_CASE("router: finds by method and path, with parameters") {
  const Router router = sample();

  struct Row {
    const char* method;
    const char* path;
    bool found;
    std::size_t allowed;
  };

  const Row rows[] = {
      {"GET", "/system/functions", true, 0},
      {"GET", "/system/functions/", true, 0},
      {"DELETE", "/system/functions", false, 2},
      {"GET", "/system/function/render", true, 0},
      {"GET", "/system/function/", false, 0},
      {"GET", "/system/function//", false, 0},
      {"GET", "/system/function/a/b", false, 0},
      {"GET", "/v2/", true, 0},
      {"GET", "/", false, 0},
      {"GET", "", false, 0},
      {"HEAD", "/v2/render/blobs/sha256:1", true, 0},
      {"HEAD", "/v2/a/b/c/blobs/sha256:1", true, 0},
      {"HEAD", "/v2/blobs/sha256:1", false, 0},
      {"POST", "/v2/a/b/blobs/uploads/", true, 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.method);
    CAPTURE(row.path);
    const auto match = router.find(row.method, row.path);
    CHECK((match.handler != nullptr) == row.found);
    if (!row.found) CHECK(match.allowed.size() == row.allowed);
  }
}

TEST_CASE("router: a repository keeps its slashes") {
  const Router router = sample();
  const auto match = router.find("HEAD", "/v2/registry/team/render/blobs/sha256:1");
  CHECK(match.parameters.at("repository") == "registry/team/render");
  CHECK(match.parameters.at("digest") == "sha256:1");
}
