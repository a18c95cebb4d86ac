// SPDX-License-Identifier: Apache-2.0
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <signal.h>

int main(int argc, char** argv) {
  // As in the programs: a peer that went away is an error code, not the end.
  ::signal(SIGPIPE, SIG_IGN);
  return doctest::Context(argc, argv).run();
}
