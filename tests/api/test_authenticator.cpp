// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/authenticator.hpp"

#include <doctest/doctest.h>

using namespace cubeflash::daemon;

TEST_CASE("authenticator: the token as bearer or as admin's password, and nothing else") {
  const Authenticator authenticator("sesame");

  struct Row {
    const char* header;
    bool allowed;
  };

  const Row rows[] = {
      {"Bearer sesame", true},
      {"bearer  sesame ", true},
      {"Basic YWRtaW46c2VzYW1l", true},  // admin:sesame
      {"Basic cm9vdDpzZXNhbWU=", false}, // root:sesame
      {"Basic YWRtaW46", false},         // admin:
      {"Basic !!!", false},
      {"Bearer ", false},
      {"Bearer", false},
      {"Bearer sesam", false},
      {"Bearer sesamesesame", false},
      {"Digest sesame", false},
      {"sesame", false},
      {"", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.header);
    Request request;
    if (*row.header != '\0') request.headers["authorization"] = row.header;
    CHECK(authenticator.allows(request) == row.allowed);
  }
}

TEST_CASE("authenticator: a huge header is refused") {
  Request request;
  request.headers["authorization"] = "Basic " + std::string(1U << 20U, 'A');
  CHECK_FALSE(Authenticator("sesame").allows(request));
}
