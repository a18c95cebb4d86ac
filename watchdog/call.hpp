// SPDX-License-Identifier: Apache-2.0
// One call of the handler: a fresh process in a group of its own, fed, drained, limited in time and
// output, and gone with everything it started when it ends. Refuses to know about HTTP.
#pragma once

#include "common/base/process.hpp"
#include "common/net/asio.hpp"
#include "watchdog/log.hpp"
#include "watchdog/output.hpp"
#include "watchdog/pipe_reader.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cubeflash::watchdog {

struct CallSpec {
  Command command;
  int empty_input = -1;       // borrowed; the handler's stdin when `has_input` is false
  bool has_input = false;     // feed() and close_input() follow
  bool combine_output = true; // false: stderr goes to the log
  milliseconds timeout{0};    // 0: none
  std::uint64_t max_output = 0;
  std::string temp_directory;
  std::function<void(pid_t)> on_end; // once the process is reaped
};

// Shared: pending waits keep it alive. It ends when its process has ended, never before.
class Call : public std::enable_shared_from_this<Call> {
 public:
  enum class End { running, exited, timed_out, failed, abandoned };

  Call(asio::io_context& io, CallSpec spec);
  ~Call();

  // Throws SystemError when the handler cannot be started.
  void start();

  // Writes to the handler's stdin, waiting while it is full. False when the handler takes no more.
  // One at a time.
  awaitable<bool> feed(std::string_view data);
  void close_input();

  // Kills it: nobody waits for the answer.
  void abandon() { stop(End::abandoned); }

  awaitable<void> ended();

  // Valid from start() until the end.
  pid_t pid() const { return process_.pid(); }

  bool is_over() const { return over_; }

  End end() const { return end_; }

  const ExitStatus& status() const { return status_; } // when end() is exited

  const std::string& failure() const { return failure_; } // when end() is failed

  Output& output() { return output_; }

 private:
  void keep_output(std::string_view data) noexcept;
  void watch_exit();
  void watch_deadline();
  void stop(End why);
  void finish();

  asio::io_context& io_;
  CallSpec spec_;
  Process process_;
  Fd input_;
  std::optional<asio::posix::stream_descriptor>
      full_input_; // instead of input_ once a write would have blocked
  std::optional<PipeReader> out_;
  std::optional<PipeReader> err_;
  std::optional<asio::posix::stream_descriptor> exit_; // the process's pidfd, borrowed
  std::optional<asio::steady_timer> deadline_;
  asio::steady_timer over_event_;
  Output output_;
  StderrLines stderr_lines_;
  End end_ = End::running;
  ExitStatus status_;
  std::string failure_;
  bool over_ = false;
};

} // namespace cubeflash::watchdog
