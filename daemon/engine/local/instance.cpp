// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/local/instance.hpp"

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/base/time.hpp"
#include "common/net/blocking.hpp"
#include "daemon/engine/local/cgroup.hpp"
#include "daemon/engine/local/exit_reason.hpp"
#include "daemon/engine/local/health.hpp"
#include "daemon/engine/local/leftovers.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <utility>

namespace cubeflash::daemon {

namespace {

constexpr milliseconds kInstanceEndLimit{10'000}; // for killed processes to be gone
constexpr milliseconds kAfterClosing{
    1'000}; // between the end of the readiness pipe and the process's own
constexpr milliseconds kHealthTimeout{1'000}; // one question
constexpr milliseconds kHealthPause{50};      // between two
constexpr int kRemovalTries = 40;
constexpr milliseconds kRemovalPause{50};

Fd duplicate(int fd) {
  Fd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) throw SystemError(errno, "duplicating a descriptor");
  return copy;
}

} // namespace

Instance::Instance(std::shared_ptr<InstanceContext> context,
                   InstanceDirectory directory,
                   InstanceRecord record)
    : context_(std::move(context)), directory_(std::move(directory)), record_(std::move(record)),
      pidfd_(context_->control), ready_pipe_(context_->control), ready_deadline_(context_->control),
      grace_(context_->control) {}

void Instance::begin(Launched launched, InstanceRecord record, bool memory_by_rlimit) {
  record_ = std::move(record);
  memory_by_rlimit_ = memory_by_rlimit;
  process_ = std::move(launched.process);
  open_output(std::move(launched.log));
  ready_pipe_.assign(launched.ready.release());
  supervise(duplicate(process_.pidfd()));
  asio::co_spawn(context_->control,
                 watch_readiness(),
                 [self = shared_from_this()](const std::exception_ptr& failure) {
                   self->log_failure("readiness", failure);
                 });
  if (std::exchange(stopping_, false)) stop();
}

void Instance::adopt(Fd pidfd) {
  open_output(directory_.open_log());
  supervise(std::move(pidfd));
  if (record_.stop_requested) {
    quiet_ = true;
    ready_ = true; // it may have been: give it its grace
    stop();
    return;
  }
  asio::co_spawn(context_->control,
                 watch_adopted(),
                 [self = shared_from_this()](const std::exception_ptr& failure) {
                   self->log_failure("adoption", failure);
                 });
}

void Instance::open_output(Fd log) {
  output_ = std::make_shared<OutputPipe>(
      context_->control,
      std::move(log),
      [context = context_, id = record_.id, function = record_.function](std::string_view line) {
        if (context->observer != nullptr)
          context->observer->on_log(id, function, std::chrono::system_clock::now(), line);
      });
  output_->start();
}

void Instance::supervise(Fd pidfd) {
  pidfd_.assign(pidfd.release());
  asio::co_spawn(context_->control,
                 watch_end(),
                 [self = shared_from_this()](const std::exception_ptr& failure) {
                   self->log_failure("supervision", failure);
                 });
}

void Instance::log_failure(std::string_view what, const std::exception_ptr& failure) const {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log_error("{}: {} instance={}", what, error.what(), record_.id);
  }
}

awaitable<void> Instance::watch_readiness() {
  ready_deadline_.expires_after(context_->start_timeout);
  ready_deadline_.async_wait(
      [self = shared_from_this()](const boost::system::error_code& cancelled) {
        if (!cancelled)
          self->fail(
              fmt::format("not ready within {}", format_duration(self->context_->start_timeout)));
      });
  char byte = 0;
  const auto [failure, n] = co_await ready_pipe_.async_read_some(asio::buffer(&byte, 1), as_tuple);
  if (ended_ || released()) co_return;
  if (!failure && byte == '\n') {
    become_ready();
    co_return;
  }
  // Usually its end follows at once, and tells more.
  ready_deadline_.expires_after(kAfterClosing);
  ready_deadline_.async_wait(
      [self = shared_from_this()](const boost::system::error_code& cancelled) {
        if (!cancelled) self->fail("it closed its readiness descriptor without being ready");
      });
}

awaitable<void> Instance::watch_adopted() {
  const auto deadline = std::chrono::steady_clock::now() + context_->adopt_timeout;
  while (std::chrono::steady_clock::now() < deadline) {
    const bool healthy = co_await is_healthy(endpoint(), kHealthTimeout);
    if (ended_ || released() || stopping_) co_return;
    if (healthy) {
      become_ready();
      co_return;
    }
    ready_deadline_.expires_after(kHealthPause);
    co_await ready_deadline_.async_wait(as_tuple);
    if (ended_ || released() || stopping_) co_return;
  }
  fail(fmt::format("it did not answer within {} after the daemon's restart",
                   format_duration(context_->adopt_timeout)));
}

void Instance::become_ready() {
  ready_deadline_.cancel();
  boost::system::error_code ignored; // a close that fails leaves nothing to do
  ready_pipe_.close(ignored);
  if (stopping_) return;
  ready_ = true;
  context_->observer->on_ready(record_.id, endpoint());
}

void Instance::fail(std::string reason) {
  if (ended_ || released()) return;
  failure_ = std::move(reason);
  kill();
}

void Instance::stop() {
  if (stopping_ || ended_ || released()) return;
  stopping_ = true;
  if (!pidfd_.is_open()) return; // begin() comes back to it
  ready_deadline_.cancel();
  record_.stop_requested = true;
  try {
    directory_.write_record(record_);
  } catch (const Error& error) {
    log_warning("{} instance={}", error.what(), record_.id);
  }
  const auto target =
      record_.isolation == Isolation::sandbox ? sandbox_init(directory_, record_) : record_.process;
  // One that is not ready serves nobody, and may not even listen to SIGTERM yet.
  if (!ready_ || target.pid == 0) return kill();
  signal_process(target, SIGTERM);
  grace_.expires_after(record_.stop_grace);
  grace_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled && !self->ended_ && !self->released()) self->kill();
  });
}

void Instance::kill() {
  kill_instance(directory_, record_);
}

void Instance::release() {
  if (output_) output_->close();
  process_.detach();
  boost::system::error_code ignored; // they are only being forgotten
  pidfd_.close(ignored);
  ready_pipe_.close(ignored);
  ready_deadline_.cancel();
  grace_.cancel();
}

awaitable<void> Instance::watch_end() {
  const auto [failure] = co_await pidfd_.async_wait(Descriptor::wait_read, as_tuple);
  if (released()) co_return;
  if (failure) throw SystemError(failure.value(), "waiting for an instance");
  ended_ = true;
  ready_deadline_.cancel();
  grace_.cancel();
  const auto own = process_ ? process_.wait_for(milliseconds(0)) : std::nullopt;
  bool gone = false;
  try {
    gone = co_await end_rest();
  } catch (const std::exception& error) {
    log_error("ending what an instance left: {} instance={}", error.what(), record_.id);
  }
  if (released()) co_return;
  output_->close();
  boost::system::error_code ignored; // a close that fails leaves nothing to do
  ready_pipe_.close(ignored);
  const auto reason = describe_end(own);
  try {
    co_await remove_traces(gone);
  } catch (const std::exception& error) {
    log_error("cleaning up: {} instance={}", error.what(), record_.id);
  }
  if (released()) co_return;
  context_->forget(record_.id);
  if (!quiet_) context_->observer->on_exit(record_.id, reason);
}

awaitable<bool> Instance::end_rest() {
  // bubblewrap that ended by itself has seen the sandbox's last process end.
  const bool all_gone =
      record_.isolation == Isolation::sandbox && directory_.read_status().exit_code.has_value();
  if (all_gone) co_return true;
  co_return co_await run_blocking(
      context_->workers, [this] { return end_processes(directory_, record_, kInstanceEndLimit); });
}

awaitable<void> Instance::remove_traces(bool gone) {
  co_await remove_cgroups();
  if (!gone) {
    log_error(
        "processes of an instance do not end; the next start of the daemon tries again instance={}",
        record_.id);
    co_return;
  }
  co_await run_blocking(context_->workers, [this] { directory_.remove(); });
}

awaitable<void> Instance::remove_cgroups() {
  const Cgroup cgroup(record_.cgroups);
  for (int tries = 0; tries < kRemovalTries; ++tries) {
    if (cgroup.remove()) co_return;
    cgroup.kill();
    ready_deadline_.expires_after(kRemovalPause);
    co_await ready_deadline_.async_wait(as_tuple);
  }
  log_warning("a cgroup stays behind instance={}", record_.id);
}

std::string Instance::describe_end(std::optional<ExitStatus> own) const {
  return exit_reason({.stop_requested = stopping_,
                      .was_ready = ready_,
                      .failure = failure_,
                      .own = own,
                      .sandbox_exit_code = directory_.read_status().exit_code,
                      .out_of_memory_kills = Cgroup(record_.cgroups).out_of_memory_kills(),
                      .memory_bytes = record_.memory_bytes,
                      .memory_by_rlimit = memory_by_rlimit_,
                      .last_lines = output_->last_lines()});
}

std::optional<Engine::Usage> Instance::usage() const {
  if (const auto counted = Cgroup(record_.cgroups).usage()) return counted;
  Engine::Usage sum;
  bool any = false;
  for (const pid_t pid : process_tree(record_.process.pid)) {
    const auto facts = process_facts(pid);
    if (!facts) continue;
    any = true;
    sum.memory_bytes += facts->resident_bytes;
    sum.cpu += facts->cpu;
  }
  return any ? std::optional(sum) : std::nullopt;
}

} // namespace cubeflash::daemon
