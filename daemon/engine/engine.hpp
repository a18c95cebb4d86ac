// SPDX-License-Identifier: Apache-2.0
// Where instances run. An engine runs instances and reports them; it refuses to know about
// functions' scaling, routing, log storage or access. Everything here happens on the control
// thread.
#pragma once

#include "common/model/function_spec.hpp"
#include "common/net/asio.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cubeflash::daemon {

// Where an instance takes HTTP requests: a unix socket when `unix_path` is set, else host:port. A
// unix path may be longer than sun_path holds; connect through connect_path().
struct Endpoint {
  std::string unix_path;
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// What to run. Complete: an engine looks nothing up elsewhere but the image.
struct InstanceSpec {
  std::string id; // unique over all time: "<function>-<8 hex>", a DNS label
  FunctionName function;
  std::uint64_t revision = 0;
  std::string image_digest; // of the manifest, in the image store
  StringMap environment;    // over the image's own; has fprocess and the watchdog's settings
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> cpu_millis;
  std::uint32_t max_processes = 512;
  bool read_only_root = false;
  milliseconds stop_grace{10'000}; // between the request to stop and the kill
};

// An instance that was found still running when the engine started.
struct AdoptedInstance {
  std::string id;
  FunctionName function;
  std::uint64_t revision = 0;
};

// Told by the engine, on the control thread, never from inside a call to the engine.
class InstanceObserver {
 public:
  virtual ~InstanceObserver() = default;

  // Its endpoint accepts requests.
  virtual void on_ready(const std::string& id, const Endpoint& endpoint) = 0;

  // It has ended and everything it started is gone. `reason` is for people: "exit status 1",
  // "killed by signal 9 (Killed), memory limit 128Mi exceeded", "stopped". Also reported for an
  // instance that could not be started.
  virtual void on_exit(const std::string& id, const std::string& reason) = 0;

  // One line of its output, without the line break; longer lines than 64 KiB come in parts.
  virtual void on_log(const std::string& id,
                      const FunctionName& function,
                      std::chrono::system_clock::time_point when,
                      std::string_view text) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string_view name() const = 0; // "local"

  // Reports what still runs from before and takes it over: on_ready follows for each that answers,
  // on_exit for each that does not. Ends what is not whole (a kill -9 in the middle of a start) and
  // cleans up after what ended. Once, first.
  virtual awaitable<std::vector<AdoptedInstance>> adopt(InstanceObserver& observer) = 0;

  // Begins to start an instance; on_ready or on_exit says how it went. Returns once it can be
  // stopped. Throws Error(not_found | invalid) for the image, SystemError when the host refuses.
  virtual awaitable<void> start(InstanceSpec spec) = 0;

  // Asks it to end, kills it and all it started after its grace, then on_exit. Unknown ids are
  // ignored. Returns at once.
  virtual void stop(const std::string& id) = 0;

  // Resident bytes and CPU time of an instance; nullopt when unknown.
  struct Usage {
    std::int64_t memory_bytes = 0;
    milliseconds cpu{0};
  };

  virtual std::optional<Usage> usage(const std::string& id) const = 0;

  // The daemon ends; instances go on, to be adopted by the next one. Flushes their output.
  virtual void release() = 0;
};

} // namespace cubeflash::daemon
