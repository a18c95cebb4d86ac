// SPDX-License-Identifier: Apache-2.0
// One instance from its first process to its last, on the control thread: readiness, output, stop,
// end. It refuses to know how it was started or found.
#pragma once

#include "common/base/process.hpp"
#include "common/net/asio.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/local/instance_directory.hpp"
#include "daemon/engine/local/instance_record.hpp"
#include "daemon/engine/local/launch.hpp"
#include "daemon/engine/local/output_pipe.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cubeflash::daemon {

// What instances need of their engine. Outlives them all; the observer is null once the engine was
// released.
struct InstanceContext {
  asio::any_io_executor control;
  asio::any_io_executor workers;
  milliseconds start_timeout;
  milliseconds adopt_timeout;
  InstanceObserver* observer = nullptr;
  std::function<void(const std::string& id)> forget; // called before the observer is told the end
};

class Instance : public std::enable_shared_from_this<Instance> {
 public:
  Instance(std::shared_ptr<InstanceContext> context,
           InstanceDirectory directory,
           InstanceRecord record);

  const InstanceRecord& record() const { return record_; }

  // Takes over what was just started; `record` is the one on disk.
  void begin(Launched launched, InstanceRecord record, bool memory_by_rlimit);

  // Takes over what an earlier daemon started. One that was being stopped is stopped on, and nobody
  // is told.
  void adopt(Fd pidfd);

  // Before begin(), it is remembered.
  void stop();

  // Lets it go on without this daemon.
  void release();

  std::optional<Engine::Usage> usage() const;

 private:
  using Descriptor = asio::posix::stream_descriptor;

  void open_output(Fd log);
  void supervise(Fd pidfd);
  awaitable<void> watch_readiness();
  awaitable<void> watch_adopted();
  awaitable<void> watch_end();
  awaitable<bool> end_rest();
  awaitable<void> remove_traces(bool gone);
  awaitable<void> remove_cgroups();
  void become_ready();
  void fail(std::string reason);
  void kill();
  void log_failure(std::string_view what, const std::exception_ptr& failure) const;
  std::string describe_end(std::optional<ExitStatus> own) const;

  Endpoint endpoint() const { return {directory_.socket().string(), "", 0}; }

  bool released() const { return context_->observer == nullptr; }

  std::shared_ptr<InstanceContext> context_;
  InstanceDirectory directory_;
  InstanceRecord record_;
  Process process_; // empty when adopted
  std::shared_ptr<OutputPipe> output_;
  Descriptor pidfd_;
  Descriptor ready_pipe_;
  asio::steady_timer ready_deadline_;
  asio::steady_timer grace_;
  std::string failure_; // why it was killed, unless somebody asked for its end
  bool memory_by_rlimit_ = false;
  bool ready_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  bool quiet_ = false;
};

} // namespace cubeflash::daemon
