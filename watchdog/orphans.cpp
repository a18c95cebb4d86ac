// SPDX-License-Identifier: Apache-2.0
#include "watchdog/orphans.hpp"

#include "common/base/text.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace cubeflash::watchdog {

namespace {

template <typename Action>
void for_each_pid(std::string_view list, Action&& action) {
  while (!list.empty()) {
    const auto end = std::min(list.find(' '), list.size());
    if (const auto pid = parse_integer<pid_t>(trim(list.substr(0, end)))) action(*pid);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

} // namespace

Orphans::Orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  // The kernel lists children by thread (proc(5)); this program has one.
  const auto path = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
  children_file_ = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (read_children()) for_each_pid(children_, [this](pid_t pid) { inherited_.insert(pid); });
}

std::uint64_t Orphans::reserve_call() {
  running_.insert(next_number_);
  return next_number_++;
}

void Orphans::call_started(pid_t pid) {
  own_.insert(pid);
}

void Orphans::call_ended(std::uint64_t number, pid_t pid) {
  running_.erase(number);
  own_.erase(pid);
}

bool Orphans::sweep() {
  if (!read_children()) {
    // Without a list, only when nobody else can be taken for an orphan.
    while (own_.empty() && ::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return false;
  }
  bool left = false;
  for_each_pid(children_, [&](pid_t pid) {
    if (!own_.contains(pid) && handle(pid)) left = true;
  });
  return left;
}

// True when it is an orphan that still exists.
bool Orphans::handle(pid_t pid) {
  if (::waitpid(pid, nullptr, WNOHANG) == pid) {
    inherited_.erase(pid);
    first_seen_.erase(pid);
    return true; // its own children may be ours now
  }
  if (inherited_.contains(pid)) return false;
  // Only we can reap it, so its number cannot become somebody else's.
  const auto seen = first_seen_.try_emplace(pid, next_number_).first->second;
  if (!running_.empty() && *running_.begin() < seen) return true;
  if (::getpgid(pid) == pid) ::kill(-pid, SIGKILL);
  ::kill(pid, SIGKILL);
  return true;
}

bool Orphans::read_children() {
  if (!children_file_) return false;
  children_.clear();
  std::array<char, 4096> piece; // NOLINT(cppcoreguidelines-pro-type-member-init) - pread() fills it
  for (;;) {
    const auto n = ::pread(
        children_file_.get(), piece.data(), piece.size(), static_cast<off_t>(children_.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0;
    children_.append(piece.data(), static_cast<std::size_t>(n));
    // The list ends with a blank; a short read is its end.
    if (static_cast<std::size_t>(n) < piece.size() / 2) return true;
  }
}

} // namespace cubeflash::watchdog
