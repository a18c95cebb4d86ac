// SPDX-License-Identifier: Apache-2.0
#include "common/base/process.hpp"

#include "common/base/environment.hpp"
#include "common/base/error.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

extern char**
    environ; // NOLINT(readability-redundant-declaration) - POSIX asks the program to declare it

namespace cubeflash {

namespace {

using Clock = std::chrono::steady_clock;

// Far enough for "no deadline", and safe from overflow.
Clock::time_point deadline_after(milliseconds timeout) {
  return Clock::now() + std::min(timeout, milliseconds(std::chrono::years(10)));
}

// argv and envp as C wants them; the strings stay owned by the Command.
struct CommandPointers {
  std::string path;
  std::vector<char*> argv;
  std::vector<char*> env_storage;
  char** envp = environ;

  explicit CommandPointers(const Command& command) {
    const auto found = find_program(command.program);
    if (!found) throw SystemError(ENOENT, "starting {}", command.program);
    path = found->string();
    argv.push_back(
        const_cast<char*>(command.argv0.empty() ? command.program.c_str() : command.argv0.c_str()));
    for (const auto& arg : command.args)
      argv.push_back(const_cast<char*>(arg.c_str()));
    argv.push_back(nullptr);
    if (!command.env) return;
    for (const auto& entry : *command.env)
      env_storage.push_back(const_cast<char*>(entry.c_str()));
    env_storage.push_back(nullptr);
    envp = env_storage.data();
  }
};

// Every descriptor the child gets, duplicated above the range of target numbers, so that installing
// one never overwrites the source of another.
class DescriptorPlan {
 public:
  explicit DescriptorPlan(const Stdio& stdio) {
    highest_ = 2;
    for (const auto& [source, target] : stdio.more)
      highest_ = std::max(highest_, target);
    add(stdio.in, 0, O_RDONLY);
    add(stdio.out, 1, O_WRONLY);
    add(stdio.err, 2, O_WRONLY);
    for (const auto& [source, target] : stdio.more)
      add(source, target, O_RDWR);
  }

  const std::vector<std::pair<int, int>>& moves() const { return moves_; }

  int first_unused() const { return highest_ + 1; }

  // Numbers between the standard streams and the highest target that no target has: what the
  // caller has open there must not be inherited.
  std::vector<int> gaps() const {
    std::vector<int> result;
    for (int number = 3; number <= highest_; ++number)
      if (std::none_of(moves_.begin(), moves_.end(), [&](const auto& move) {
            return move.second == number;
          }))
        result.push_back(number);
    return result;
  }

 private:
  void add(int source, int target, int null_flags) {
    Fd null;
    if (source < 0) {
      null = open_file("/dev/null", null_flags);
      source = null.get();
    }
    Fd copy(::fcntl(source, F_DUPFD_CLOEXEC, highest_ + 1));
    if (!copy) throw SystemError(errno, "duplicating a descriptor");
    moves_.emplace_back(copy.get(), target);
    copies_.push_back(std::move(copy));
  }

  std::vector<Fd> copies_;
  std::vector<std::pair<int, int>> moves_;
  int highest_;
};

void check_spawn(int code, std::string_view program) {
  if (code != 0) throw SystemError(code, "starting {}", program);
}

class SpawnActions {
 public:
  SpawnActions() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }

  ~SpawnActions() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

// What the forked child needs: plain values prepared by the parent.
struct ChildPlan {
  const char* path;
  char* const* argv;
  char* const* envp;
  const char* cwd; // null: stay
  const std::pair<int, int>* moves;
  std::size_t move_count;
  const int* gaps; // to be closed
  std::size_t gap_count;
  unsigned first_unused;
  const int* cgroup_procs;
  std::size_t cgroup_count;
  const std::pair<int, rlimit>* limits;
  std::size_t limit_count;
  bool change_user;
  uid_t uid;
  bool no_new_privileges;
  int error_pipe; // moved above the targets, close-on-exec
};

struct ChildFailure {
  int code;
  std::array<char, 32> step;
};

[[noreturn]] void fail_child(const ChildPlan& plan, const char* step) noexcept {
  ChildFailure failure{errno, {}};
  ::strncpy(failure.step.data(), step, failure.step.size() - 1);
  [[maybe_unused]] const auto n = ::write(plan.error_pipe, &failure, sizeof failure);
  ::_exit(127);
}

// Runs between fork and exec in a copy of a multi-threaded process: only async-signal-safe calls
// (signal-safety(7)), no allocation, no exceptions. Raw system calls for the ids: glibc's wrappers
// signal the other threads, which are not here.
[[noreturn]] void run_child(const ChildPlan& plan) noexcept {
  ::setpgid(0, 0);
  for (std::size_t i = 0; i < plan.cgroup_count; ++i)
    if (::write(plan.cgroup_procs[i], "0", 1) != 1) fail_child(plan, "joining a cgroup");
  for (std::size_t i = 0; i < plan.limit_count; ++i) {
    const auto resource = static_cast<__rlimit_resource_t>(plan.limits[i].first);
    if (::setrlimit(resource, &plan.limits[i].second) != 0) fail_child(plan, "setting a limit");
  }
  if (plan.change_user) {
    if (::syscall(SYS_setgroups, 0, nullptr) != 0 ||
        ::syscall(SYS_setresgid, plan.uid, plan.uid, plan.uid) != 0 ||
        ::syscall(SYS_setresuid, plan.uid, plan.uid, plan.uid) != 0)
      fail_child(plan, "changing the user");
  }
  if (plan.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    fail_child(plan, "giving up privileges");
  if (plan.cwd != nullptr && ::chdir(plan.cwd) != 0) fail_child(plan, "changing directory");
  for (std::size_t i = 0; i < plan.move_count; ++i)
    if (::dup2(plan.moves[i].first, plan.moves[i].second) < 0)
      fail_child(plan, "passing a descriptor");
  for (std::size_t i = 0; i < plan.gap_count; ++i)
    ::close(plan.gaps[i]);
  // Not closed but marked: the error pipe must live until exec.
  ::syscall(SYS_close_range, plan.first_unused, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  for (int number = 1; number < NSIG; ++number)
    ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.path, plan.argv, plan.envp);
  fail_child(plan, "executing");
}

void append_bounded(std::string& kept,
                    std::string_view data,
                    ProcessResult& result,
                    std::size_t limit) {
  const auto room = limit - std::min(limit, kept.size());
  if (data.size() > room) result.truncated = true;
  kept.append(data.substr(0, room));
}

// Feeds `input` and drains both outputs until the two outputs are closed or the deadline passes.
class Conversation {
 public:
  Conversation(Fd in, Fd out, Fd err, const RunOptions& options, ProcessResult& result)
      : in_(std::move(in)), out_(std::move(out)), err_(std::move(err)), options_(options),
        result_(result) {
    for (const Fd* fd : {&in_, &out_, &err_})
      ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
    if (options_.input.empty()) in_.reset();
  }

  // True when a deadline, not the end of the outputs, ended it; or when the child ended and its
  // descendants keep a pipe.
  bool run(const Process& child, Clock::time_point deadline) {
    while (out_ || err_) {
      std::array<pollfd, 4> waits{{{in_.get(), POLLOUT, 0},
                                   {out_.get(), POLLIN, 0},
                                   {err_.get(), POLLIN, 0},
                                   {ended_ ? -1 : child.pidfd(), POLLIN, 0}}};
      const auto left = std::chrono::ceil<milliseconds>(
          (ended_ ? std::min(deadline, ended_deadline_) : deadline) - Clock::now());
      if (left.count() <= 0) return !ended_;
      const int ready = ::poll(waits.data(),
                               waits.size(),
                               static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000)));
      if (ready < 0 && errno != EINTR) throw SystemError(errno, "waiting for a child");
      if (ready <= 0) continue;
      if (waits[0].revents != 0) feed();
      if (waits[1].revents != 0) drain(out_, result_.out);
      if (waits[2].revents != 0) drain(err_, result_.err);
      if (waits[3].revents != 0) {
        // A grandchild may hold the pipes open for ever: what the child itself wrote is there by
        // now.
        ended_ = true;
        ended_deadline_ = Clock::now() + milliseconds(200);
      }
    }
    return false;
  }

 private:
  void feed() {
    const auto n = ::write(in_.get(), options_.input.data() + fed_, options_.input.size() - fed_);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0) fed_ += static_cast<std::size_t>(n);
    if (n < 0 || fed_ == options_.input.size())
      in_.reset(); // EPIPE: the child does not want it, which is no error
  }

  void drain(Fd& from, std::string& kept) {
    std::array<char, 65536>
        buffer; // NOLINT(cppcoreguidelines-pro-type-member-init) - read() fills it
    const auto n = ::read(from.get(), buffer.data(), buffer.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      from.reset();
      return;
    }
    append_bounded(
        kept, {buffer.data(), static_cast<std::size_t>(n)}, result_, options_.max_output);
  }

  Fd in_;
  Fd out_;
  Fd err_;
  const RunOptions& options_;
  ProcessResult& result_;
  std::size_t fed_ = 0;
  bool ended_ = false;
  Clock::time_point ended_deadline_{};
};

} // namespace

std::optional<int> ExitStatus::code() const noexcept {
  return WIFEXITED(status_) ? std::optional(WEXITSTATUS(status_)) : std::nullopt;
}

std::optional<int> ExitStatus::signal() const noexcept {
  return WIFSIGNALED(status_) ? std::optional(WTERMSIG(status_)) : std::nullopt;
}

std::string ExitStatus::describe() const {
  if (const auto number = signal()) {
    const char* name = ::sigdescr_np(*number);
    return fmt::format("killed by signal {} ({})", *number, name != nullptr ? name : "unknown");
  }
  return fmt::format("exit status {}", code().value_or(-1));
}

Process::Process(pid_t pid)
    : pid_(pid), pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
  if (!pidfd_) {
    const int code = errno;
    ::kill(pid, SIGKILL); // it may not lead its group yet
    signal_group(SIGKILL);
    reap();
    throw SystemError(code, "pidfd_open");
  }
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    Process ended(std::move(*this));
    pid_ = std::exchange(other.pid_, -1);
    pidfd_ = std::move(other.pidfd_);
  }
  return *this;
}

Process::~Process() {
  if (pid_ <= 0) return;
  signal_group(SIGKILL);
  reap();
}

ExitStatus Process::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  pidfd_.reset();
  return ExitStatus(status);
}

std::optional<ExitStatus> Process::wait_for(milliseconds timeout) {
  const auto deadline = deadline_after(timeout);
  for (;;) {
    pollfd wait{pidfd_.get(), POLLIN, 0};
    const auto left =
        std::max(milliseconds(0), std::chrono::ceil<milliseconds>(deadline - Clock::now()));
    const int ready =
        ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000)));
    if (ready > 0) break;
    if (ready < 0 && errno != EINTR) throw SystemError(errno, "waiting for a child");
    if (Clock::now() >= deadline) return std::nullopt;
  }
  signal_group(SIGKILL);
  return reap();
}

void Process::signal_group(int signal) const noexcept {
  if (pid_ > 0) ::kill(-pid_, signal);
}

ExitStatus Process::terminate(milliseconds grace) {
  signal_group(SIGTERM);
  if (const auto status = wait_for(grace)) return *status;
  signal_group(SIGKILL);
  return reap();
}

pid_t Process::detach() noexcept {
  pidfd_.reset();
  return std::exchange(pid_, -1);
}

Process spawn(const Command& command, const Stdio& stdio) {
  const CommandPointers pointers(command);
  const DescriptorPlan plan(stdio);
  SpawnActions spawn;
  for (const auto& [source, target] : plan.moves())
    check_spawn(::posix_spawn_file_actions_adddup2(&spawn.actions, source, target),
                command.program);
  // Asio opens sockets without close-on-exec: nothing may leak into a child.
  for (const int gap : plan.gaps())
    check_spawn(::posix_spawn_file_actions_addclose(&spawn.actions, gap), command.program);
  check_spawn(::posix_spawn_file_actions_addclosefrom_np(&spawn.actions, plan.first_unused()),
              command.program);
  if (!command.cwd.empty())
    check_spawn(::posix_spawn_file_actions_addchdir_np(&spawn.actions, command.cwd.c_str()),
                command.program);
  sigset_t all;
  sigset_t none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&spawn.attributes, &all);
  ::posix_spawnattr_setsigmask(&spawn.attributes, &none);
  ::posix_spawnattr_setpgroup(&spawn.attributes, 0);
  // A session's leader leads its process group as well; setpgid would refuse it.
  const short group = command.new_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
  ::posix_spawnattr_setflags(
      &spawn.attributes,
      static_cast<short>(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  pid_t pid = -1;
  check_spawn(::posix_spawn(&pid,
                            pointers.path.c_str(),
                            &spawn.actions,
                            &spawn.attributes,
                            pointers.argv.data(),
                            pointers.envp),
              command.program);
  return Process(pid);
}

Process spawn_confined(const Command& command, const Stdio& stdio, const Confinement& confinement) {
  const CommandPointers pointers(command);
  const DescriptorPlan descriptors(stdio);
  const auto gaps = descriptors.gaps();
  Pipe errors = Pipe::create();
  Fd error_pipe(::fcntl(errors.write.get(), F_DUPFD_CLOEXEC, descriptors.first_unused()));
  if (!error_pipe) throw SystemError(errno, "duplicating a descriptor");
  const ChildPlan plan{.path = pointers.path.c_str(),
                       .argv = pointers.argv.data(),
                       .envp = pointers.envp,
                       .cwd = command.cwd.empty() ? nullptr : command.cwd.c_str(),
                       .moves = descriptors.moves().data(),
                       .move_count = descriptors.moves().size(),
                       .gaps = gaps.data(),
                       .gap_count = gaps.size(),
                       .first_unused = static_cast<unsigned>(descriptors.first_unused()),
                       .cgroup_procs = confinement.cgroup_procs.data(),
                       .cgroup_count = confinement.cgroup_procs.size(),
                       .limits = confinement.limits.data(),
                       .limit_count = confinement.limits.size(),
                       .change_user = confinement.uid.has_value(),
                       .uid = confinement.uid.value_or(0),
                       .no_new_privileges = confinement.no_new_privileges,
                       .error_pipe = error_pipe.get()};
  const pid_t pid = ::fork();
  if (pid < 0) throw SystemError(errno, "starting {}", command.program);
  if (pid == 0) run_child(plan);
  Process process(pid);
  errors.write.reset();
  error_pipe.reset();
  ChildFailure failure{};
  ssize_t n = 0;
  while ((n = ::read(errors.read.get(), &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (n == static_cast<ssize_t>(sizeof failure))
    throw SystemError(failure.code, "starting {}: {}", command.program, failure.step.data());
  return process;
}

ProcessResult run(const Command& command, const RunOptions& options) {
  Pipe in = Pipe::create();
  Pipe out = Pipe::create();
  Pipe err = Pipe::create();
  const auto deadline = deadline_after(options.timeout);
  Process child = spawn(command, Stdio{in.read.get(), out.write.get(), err.write.get(), {}});
  in.read.reset();
  out.write.reset();
  err.write.reset();
  ProcessResult result;
  Conversation conversation(
      std::move(in.write), std::move(out.read), std::move(err.read), options, result);
  result.timed_out = conversation.run(child, deadline);
  if (!result.timed_out) {
    // Both outputs may be closed long before the end.
    const auto left =
        std::max(milliseconds(0), std::chrono::ceil<milliseconds>(deadline - Clock::now()));
    if (const auto status = child.wait_for(left)) {
      result.status = *status;
      return result;
    }
    result.timed_out = true;
  }
  result.status = child.terminate(milliseconds(500));
  return result;
}

} // namespace cubeflash
