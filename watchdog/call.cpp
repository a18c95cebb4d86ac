// SPDX-License-Identifier: Apache-2.0
#include "watchdog/call.hpp"

#include "common/base/error.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace cubeflash::watchdog {

using Descriptor = asio::posix::stream_descriptor;

Call::Call(asio::io_context& io, CallSpec spec)
    : io_(io), spec_(std::move(spec)), over_event_(io, asio::steady_timer::time_point::max()),
      output_(spec_.max_output, spec_.temp_directory) {}

Call::~Call() {
  if (exit_) exit_->release();
}

void Call::start() {
  Pipe out = Pipe::create();
  Pipe err;
  Pipe in;
  Stdio stdio{spec_.empty_input, out.write.get(), out.write.get(), {}};
  if (!spec_.combine_output) {
    err = Pipe::create();
    stdio.err = err.write.get();
  }
  if (spec_.has_input) {
    in = Pipe::create();
    stdio.in = in.read.get();
    ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  }
  process_ = spawn(spec_.command, stdio);
  input_ = std::move(in.write);
  out_.emplace(io_, std::move(out.read), [this](std::string_view data) { keep_output(data); });
  out_->start(shared_from_this());
  if (err.read) {
    err_.emplace(
        io_, std::move(err.read), [this](std::string_view data) { stderr_lines_.append(data); });
    err_->start(shared_from_this());
  }
  watch_exit();
  if (spec_.timeout.count() > 0) watch_deadline();
}

void Call::watch_exit() {
  exit_.emplace(io_, process_.pidfd());
  exit_->async_wait(Descriptor::wait_read,
                    [self = shared_from_this()](boost::system::error_code failure) {
                      if (!failure) self->finish();
                    });
}

void Call::watch_deadline() {
  deadline_.emplace(io_, spec_.timeout);
  deadline_->async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (!failure) self->stop(End::timed_out);
  });
}

awaitable<bool> Call::feed(std::string_view data) {
  while (!data.empty() && (input_ || full_input_)) {
    const int fd = input_ ? input_.get() : full_input_->native_handle();
    const auto n = ::write(fd, data.data(), data.size());
    if (n >= 0) {
      data.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      // Most bodies fit into the pipe and never come here: registering a descriptor has its price.
      if (!full_input_) full_input_.emplace(io_, input_.release());
      const auto [failure] = co_await full_input_->async_wait(Descriptor::wait_write, as_tuple);
      if (failure) close_input();
    } else if (errno != EINTR) {
      close_input(); // EPIPE: the handler does not want it, which is no error
    }
  }
  co_return input_ || full_input_;
}

void Call::close_input() {
  input_.reset();
  full_input_.reset();
}

void Call::keep_output(std::string_view data) noexcept {
  if (end_ != End::running && end_ != End::exited) return;
  try {
    output_.append(data);
  } catch (const std::exception& error) {
    failure_ = error.what();
    if (over_ || end_ == End::exited)
      end_ = End::failed;
    else
      stop(End::failed);
  }
}

void Call::stop(End why) {
  if (over_ || end_ != End::running) return;
  end_ = why;
  process_.signal_group(SIGKILL);
}

void Call::finish() {
  if (end_ == End::running) end_ = End::exited;
  exit_->release();
  exit_.reset();
  const pid_t pid = process_.pid();
  // Kills what is left of the group while the zombie still pins its number.
  status_ = process_.wait_for(milliseconds(0)).value_or(ExitStatus());
  out_->finish();
  if (err_) err_->finish();
  stderr_lines_.finish();
  close_input();
  if (deadline_) deadline_->cancel();
  over_ = true;
  over_event_.cancel();
  if (spec_.on_end) std::exchange(spec_.on_end, nullptr)(pid);
}

awaitable<void> Call::ended() {
  // The event's own result says nothing: a timer that never expires only ends by being cancelled.
  while (!over_)
    co_await over_event_.async_wait(as_tuple);
}

} // namespace cubeflash::watchdog
