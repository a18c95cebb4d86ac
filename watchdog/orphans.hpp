// SPDX-License-Identifier: Apache-2.0
// The duties of PID 1: processes that a call left behind outside its group (setsid(2), a daemon)
// come to us when their parent ends; they are killed and reaped. Everywhere else we ask the kernel
// for the same role (PR_SET_CHILD_SUBREAPER).
#pragma once

#include "common/base/fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_set>

namespace cubeflash::watchdog {

class Orphans {
 public:
  // What is our child already (a shell may have started it and then become us) is not ours to kill,
  // only to reap.
  Orphans();

  // A call is about to start, has started, has ended and was reaped (pid -1: could not be started).
  std::uint64_t reserve_call();
  void call_started(pid_t pid);
  void call_ended(std::uint64_t number, pid_t pid);

  // Reaps the dead; kills those that no running call can have started: all calls that ran when an
  // orphan was first seen are over. False when there are no orphans left.
  bool sweep();

 private:
  bool read_children();
  bool handle(pid_t pid);

  Fd children_file_; // absent without /proc or CONFIG_PROC_CHILDREN: then the dead are reaped, the
                     // living stay
  std::string children_;
  std::unordered_set<pid_t> own_;
  std::set<std::uint64_t> running_;
  std::uint64_t next_number_ = 0;
  std::unordered_set<pid_t> inherited_;
  std::map<pid_t, std::uint64_t> first_seen_; // the number that the next call then had
};

} // namespace cubeflash::watchdog
