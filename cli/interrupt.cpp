// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.hpp"

namespace cubeflash::cli {

namespace {

std::atomic<bool> g_raised{false}; // a signal handler has no other way in
static_assert(std::atomic<bool>::is_always_lock_free, "the signal handler needs it");

void raise_flag(int /*signal*/) {
  g_raised.store(true);
}

} // namespace

InterruptFlag::InterruptFlag() {
  g_raised.store(false);

  struct sigaction action {};

  action.sa_handler = raise_flag;
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, &old_interrupt_);
  ::sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptFlag::~InterruptFlag() {
  ::sigaction(SIGINT, &old_interrupt_, nullptr);
  ::sigaction(SIGTERM, &old_terminate_, nullptr);
}

const std::atomic<bool>& InterruptFlag::raised() const {
  return g_raised;
}

} // namespace cubeflash::cli
