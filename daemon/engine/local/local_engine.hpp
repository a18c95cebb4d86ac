// SPDX-License-Identifier: Apache-2.0
// The engine that runs instances on this machine: bubblewrap sandboxes, or plain processes where
// those cannot be made.
#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/images/image_store.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>

namespace cubeflash::daemon {

struct LocalEngineOptions {
  std::filesystem::path home;         // instances live below home/run/instances
  asio::any_io_executor control;      // of the control thread
  asio::any_io_executor workers;      // for blocking work
  bool allow_sandbox = true;          // false: plain processes
  milliseconds start_timeout{60'000}; // from the start to readiness
  milliseconds adopt_timeout{10'000}; // for an answer of an adopted instance
};

class LocalEngine : public Engine {
 public:
  // `images` outlives the engine and its last coroutine.
  LocalEngine(ImageStore& images, LocalEngineOptions options);

  // As release().
  ~LocalEngine() override;

  std::string_view name() const override { return "local"; }

  awaitable<std::vector<AdoptedInstance>> adopt(InstanceObserver& observer) override;
  awaitable<void> start(InstanceSpec spec) override;
  void stop(const std::string& id) override;
  std::optional<Usage> usage(const std::string& id) const override;
  void release() override;

 private:
  struct State;
  static awaitable<std::vector<AdoptedInstance>> adopt_all(std::shared_ptr<State> state,
                                                           InstanceObserver& observer);
  static awaitable<void> start_one(std::shared_ptr<State> state, InstanceSpec spec);

  std::shared_ptr<State> state_; // shared with the coroutines under way
};

} // namespace cubeflash::daemon
